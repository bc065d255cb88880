"""A bare ``.pt2`` file: a program of ``torch.export``, run by PyTorch."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..fitting import Input, answer, fit, named
from . import NotAModel, Runtime

RUNTIME = Runtime(
    "PyTorch (torch.export)",
    endings=(".pt2",),
    packages=("torch",),
    modules=("torch", "torch.export"),
)


_PICKLED = ("/data/constants/custom_obj_", "/data/constants/opaque_obj_")


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``. Raises NotAModel where the file holds pickled objects: only tensors are read."""
    import torch
    from torch.utils import _pytree as pytree

    _check(path)
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    torch.set_num_threads(int(context.profile["threads"]))
    program = torch.export.load(path)
    network = program.module()
    values = {node.name: node.meta["val"] for node in program.graph.find_nodes(op="placeholder")}
    inputs = [_input(name, values[name]) for name in program.graph_signature.user_inputs]
    structure = program.call_spec.in_spec

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        tensors = [torch.from_numpy(np.require(array, requirements="W")) for array in arrays]
        with torch.inference_mode():
            args, kwargs = pytree.tree_unflatten(tensors, structure)
            outputs = network(*args, **kwargs)
        return answer({name: tensor.numpy() for name, tensor in named(outputs).items()}, batched)

    return model


def _check(path: str) -> None:
    if not zipfile.is_zipfile(path):
        raise NotAModel("it is no archive of torch.export.save; save the exported program with that again")
    with zipfile.ZipFile(path) as archive:
        pickled = [name for name in archive.namelist() if any(place in name for place in _PICKLED)]
    if pickled:
        raise NotAModel(f"it holds the pickled object {pickled[0]}; export a model of tensors alone")


def _input(name: str, value: Any) -> Input:
    """Describe an input by its example; a size that has a symbol takes any."""
    import torch

    sizes = tuple(size if isinstance(size, int) else None for size in value.shape)
    return Input(name, torch.empty(0, dtype=value.dtype).numpy().dtype, len(sizes), sizes)
