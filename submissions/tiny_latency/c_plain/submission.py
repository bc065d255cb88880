"""A plain loop in C, compiled when the model is built, as ``cc -O2`` makes it."""

from __future__ import annotations

from pathlib import Path

from c_library import compiled
from chain import Weights
from native import model


def build(context):
    weights = Weights.published(context)
    sizes = {"WIDTH": weights.width, "LAYERS": len(weights.layers)}
    library = compiled(Path(__file__).with_name("chain.c"), context.workdir, ["-O2"], **sizes)
    names = ("mean", "std", "first_kernel", "first_bias", "kernels", "biases")
    return model(library, weights.width, [getattr(weights, name) for name in names])
