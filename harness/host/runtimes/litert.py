"""A bare ``.tflite`` file, run by LiteRT's Interpreter."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit
from . import Runtime

RUNTIME = Runtime(
    "LiteRT", endings=(".tflite",), packages=("ai-edge-litert",), modules=("ai_edge_litert.interpreter",)
)


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``; inputs are resized to the query where the model allows it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=int(context.profile["threads"]))
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    inputs = [Input(_plain(d["name"]), d["dtype"], len(d["shape_signature"])) for d in details]

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        resized = False
        for detail, array in zip(details, arrays, strict=True):
            if tuple(array.shape) != tuple(interpreter.get_input_details()[details.index(detail)]["shape"]):
                interpreter.resize_tensor_input(detail["index"], array.shape, strict=True)
                resized = True
        if resized:
            interpreter.allocate_tensors()
        for detail, array in zip(details, arrays, strict=True):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        outputs = interpreter.get_output_details()
        return answer({_plain(d["name"]): interpreter.get_tensor(d["index"]) for d in outputs}, batched)

    return model


def _plain(name: str) -> str:
    """``serving_default_frame:0`` is called ``frame``."""
    return name.removeprefix("serving_default_").partition(":")[0]
