"""A bare ``.onnx`` file, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..fitting import Input, answer, fit
from . import NotAModel, Runtime

RUNTIME = Runtime("ONNX Runtime", endings=(".onnx",), packages=("onnxruntime",), modules=("onnxruntime",))

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(bool)": np.bool_,
    **{f"tensor({name})": np.dtype(name) for name in ("int8", "int16", "int32", "int64")},
    **{f"tensor({name})": np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64")},
}


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``; on a GPU profile the CUDA provider comes first.

    Raises NotAModel where what goes in or comes out is no array of numbers.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(context.profile["threads"])
    wanted = ["CUDAExecutionProvider"] if context.profile["accelerator"] == "gpu" else []
    providers = [p for p in wanted if p in onnxruntime.get_available_providers()]
    try:
        session = onnxruntime.InferenceSession(path, options, providers=[*providers, "CPUExecutionProvider"])
    except Exception as error:
        if "external data" in str(error).lower():
            raise NotAModel("its weights lie in other files; give the folder with all of them") from error
        raise
    inputs = [_input(source) for source in session.get_inputs()]
    names = [output.name for output in session.get_outputs()]
    for output in session.get_outputs():
        if not output.type.startswith("tensor("):
            raise NotAModel(
                f"its output '{output.name}' is a {output.type} and no array; convert classifiers with "
                "options={'zipmap': False}"
            )

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        feed = {wanted.name: array for wanted, array in zip(inputs, arrays, strict=True)}
        return answer(dict(zip(names, session.run(names, feed), strict=True)), batched)

    return model


def _input(source: Any) -> Input:
    if source.type not in _DTYPES:
        raise NotAModel(f"its input '{source.name}' is a {source.type}; give it numbers")
    return Input(source.name, _DTYPES[source.type], len(source.shape), tuple(map(_size, source.shape)))


def _size(axis: object) -> int | None:
    """Return the size of an axis; one that has a name or nothing takes any."""
    return axis if isinstance(axis, int) else None
