"""A bare OpenVINO ``.xml`` file with its weights in a ``.bin`` file beside it, run by OpenVINO on the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit
from . import NotAModel, Runtime

RUNTIME = Runtime("OpenVINO", endings=(".xml",), packages=("openvino",), modules=("openvino",))


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``, which computes in float32 where the processor would take bfloat16 by itself.

    Raises NotAModel where the weights or all outputs are missing.
    """
    import openvino

    network = openvino.Core().read_model(path, _weights(path))
    if not network.outputs:
        raise NotAModel("it holds no network, for nothing comes out of it; save the model again")
    settings = {
        "INFERENCE_NUM_THREADS": int(context.profile["threads"]),
        "INFERENCE_PRECISION_HINT": "f32",
    }
    request = openvino.compile_model(network, "CPU", settings).create_infer_request()
    inputs = [_input(port) for port in network.inputs]
    names = [_name(port) or f"output_{place}" for place, port in enumerate(network.outputs)]

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        outputs = request.infer(dict(enumerate(arrays)), share_inputs=True)
        return answer({name: outputs[place] for place, name in enumerate(names)}, batched)

    return model


def _weights(path: str) -> str:
    """Return the path of the weights, empty where the model needs none. Raises NotAModel."""
    weights = path.removesuffix(".xml") + ".bin"
    if os.path.exists(weights):
        return weights
    with open(path, "rb") as file:
        if b'type="Const"' in file.read():
            raise NotAModel(
                f"its weights are not beside it; give the folder with it and {os.path.basename(weights)}"
            )
    return ""


def _input(port: Any) -> Input:
    sizes = tuple(None if size.is_dynamic else size.get_length() for size in port.partial_shape)
    return Input(_name(port), port.element_type.to_dtype(), len(sizes), sizes)


def _name(port: Any) -> str:
    return port.any_name if port.names else ""
