"""A bare ``.onnx`` file, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..fitting import Input, answer, fit
from . import Runtime

RUNTIME = Runtime("ONNX Runtime", endings=(".onnx",), packages=("onnxruntime",), modules=("onnxruntime",))

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``; on a GPU profile the CUDA provider comes first."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(context.profile["threads"])
    wanted = ["CUDAExecutionProvider"] if context.profile["accelerator"] == "gpu" else []
    providers = [p for p in wanted if p in onnxruntime.get_available_providers()]
    session = onnxruntime.InferenceSession(path, options, providers=[*providers, "CPUExecutionProvider"])
    inputs = [
        Input(i.name, _DTYPES[i.type], len(i.shape), tuple(map(_size, i.shape))) for i in session.get_inputs()
    ]
    names = [output.name for output in session.get_outputs()]

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        feed = {wanted.name: array for wanted, array in zip(inputs, arrays, strict=True)}
        return answer(dict(zip(names, session.run(names, feed), strict=True)), batched)

    return model


def _size(axis: object) -> int | None:
    """Return the size of an axis; one that has a name or nothing takes any."""
    return axis if isinstance(axis, int) else None
