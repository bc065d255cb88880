"""A bare ``.tflite`` file, run by LiteRT's Interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit, other_size
from . import Runtime

RUNTIME = Runtime(
    "LiteRT", endings=(".tflite",), packages=("ai-edge-litert",), modules=("ai_edge_litert.interpreter",)
)


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``; inputs are resized to the query where the model can be run so."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=int(context.profile["threads"]))
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    inputs = [Input(_plain(d["name"]), d["dtype"], len(d["shape_signature"])) for d in details]

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        try:
            _resize(interpreter, [array.shape for array in arrays])
            for detail, array in zip(details, arrays, strict=True):
                interpreter.set_tensor(detail["index"], array)
            interpreter.invoke()
        except (RuntimeError, ValueError):
            for detail, array in zip(details, arrays, strict=True):
                if tuple(detail["shape"]) != array.shape:
                    taken = [None if size < 0 else int(size) for size in detail["shape_signature"]]
                    raise ValueError(other_size(_plain(detail["name"]), taken, array.shape)) from None
            raise
        outputs = interpreter.get_output_details()
        return answer({_plain(d["name"]): interpreter.get_tensor(d["index"]) for d in outputs}, batched)

    return model


def _resize(interpreter: Any, shapes: Sequence[tuple[int, ...]]) -> None:
    """Give the inputs these sizes, fixed ones too: operations that cannot follow say so when they run."""
    now = interpreter.get_input_details()
    others = [
        (detail["index"], shape)
        for detail, shape in zip(now, shapes, strict=True)
        if tuple(detail["shape"]) != shape
    ]
    for index, shape in others:
        interpreter.resize_tensor_input(index, shape)
    if others:
        interpreter.allocate_tensors()


def _plain(name: str) -> str:
    """``serving_default_frame:0`` is called ``frame``."""
    return name.removeprefix("serving_default_").partition(":")[0]
