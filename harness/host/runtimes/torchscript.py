"""A bare ``.pt`` file: a TorchScript program, run by PyTorch."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..fitting import answer, named, pick
from . import NotAModel, Runtime

RUNTIME = Runtime("TorchScript", endings=(".pt",), packages=("torch",), modules=("torch",))


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``. Raises NotAModel where the file holds weights and no program.

    A program does not say which arrays it takes. The first query is tried with a batch axis and without, and
    with its own numbers and as float32; what runs first stays.
    """
    import torch

    _check(path)
    torch.set_num_threads(int(context.profile["threads"]))
    network = torch.jit.load(path, map_location="cpu").eval()
    names = [argument.name for argument in network.forward.schema.arguments[1:]]
    ways = list(product((True, False), (None, np.float32)))

    def model(x: Any) -> Any:
        query = dict(x) if isinstance(x, Mapping) else {"": x}
        arrays = [pick(query, name, place, len(names)) for place, name in enumerate(names)]
        faults = []
        for batched, dtype in ways:
            tensors = [torch.from_numpy(_shaped(array, batched, dtype)) for array in arrays]
            try:
                with torch.inference_mode():
                    outputs = named(network(*tensors))
                answered = answer({name: tensor.numpy() for name, tensor in outputs.items()}, batched)
            except (RuntimeError, ValueError) as error:
                faults.append(str(error).strip().splitlines()[-1])
                continue
            ways[:] = [(batched, dtype)]
            return answered
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(
            f"the model does not take the query's arrays of {shapes}, with or without a batch axis "
            f"({faults[0]}): begin the model with a resizing layer, or resize in a submission.py "
            "that loads it"
        )

    return model


def _shaped(array: Any, batched: bool, dtype: Any) -> Any:
    """Return a writable copy of an array, as PyTorch wants it."""
    return np.array(array[None] if batched else array, dtype)


def _check(path: str) -> None:
    """Raise NotAModel where a file is an archive of PyTorch's, but of another kind."""
    if not zipfile.is_zipfile(path):
        raise NotAModel("it is no archive of TorchScript; save it with torch.jit.script(network).save")
    with zipfile.ZipFile(path) as archive:
        files = {name.partition("/")[2] for name in archive.namelist()}
    if "data.pkl" in files and "constants.pkl" not in files:
        raise NotAModel(
            "it holds pickled weights and no program, and pickles are not loaded; save the program with "
            "torch.export.save as .pt2, or ship a submission.py that loads the weights"
        )
    if "archive_format" in files:
        raise NotAModel("it was saved by torch.export.save; call it .pt2")
