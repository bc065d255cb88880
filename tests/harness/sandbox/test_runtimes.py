"""The worker's libraries start and compute inside, threads included, in every backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import choose
from harness.sandbox.policy import Backend
from harness.session.worker import worker
from harness.spec.errors import NotAvailable

Start = Callable[..., Any]

COMPUTE = """
import numpy as np
a = np.random.default_rng(0).normal(size=(256, 256))
product = float(np.linalg.norm(a @ np.linalg.inv(a) - np.eye(256)))
import cv2
blurred = cv2.GaussianBlur(np.ones((64, 64, 3), np.uint8), (5, 5), 0)
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
tell([product < 1e-6, int(blurred.sum()), onnxruntime.get_available_providers()[-1], Interpreter.__name__])
"""
ONNX = """
import onnxruntime
def field(number, payload):
    return bytes([number << 3 | 2, len(payload)]) + payload
def scalar(number, value):
    return bytes([number << 3, value])
side = field(1, scalar(1, 64))
shape = scalar(1, 1) + field(2, side + side)
def tensor(name):
    return field(1, name) + field(2, field(1, shape))
node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"MatMul")
graph = field(1, node) + field(2, b"g") + field(11, tensor(b"x")) + field(12, tensor(b"y"))
model = scalar(1, 8) + field(7, graph) + field(8, scalar(2, 13))
session = onnxruntime.InferenceSession(model)  # places a thread on each core, unless told how many
import numpy as np
(answer,) = session.run(None, {"x": np.ones((64, 64), np.float32)})
tell(float(answer.sum()))
"""
TENSORFLOW = """
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
function = tf.function(lambda x: tf.nn.relu(tf.matmul(x, x)), input_signature=[tf.TensorSpec((64, 64))])
converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
interpreter = Interpreter(model_content=converter.convert(), num_threads=4)  # XNNPACK
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.ones((64, 64), np.float32))
interpreter.invoke()
tell([float(tf.reduce_sum(function(tf.ones((64, 64))))),
      float(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).sum())])
"""


@pytest.fixture
def inside() -> dict[str, Any]:
    """The worker's Python and what it may read, as the driver asks for it."""
    try:
        found = worker("tensorflow")
    except NotAvailable as error:
        pytest.skip(str(error))
    return {"python": found.python, "readable": found.readable, "memory_mb": 2048, "disk_mb": 200}


@pytest.fixture
def reachable(backend: Backend, inside: dict[str, Any]) -> Backend:
    """Every backend that can show the worker's environment."""
    if backend.name == "uid" and any(
        not folder.stat().st_mode & 0o001
        for path in inside["readable"]
        for folder in Path(path).resolve().parents
    ):
        pytest.skip("uid: the worker's environment is closed to other users here")
    return backend


def test_the_light_ones(reachable: Backend, inside: dict[str, Any], start: Start) -> None:
    with start(reachable, COMPUTE, **inside) as running:
        assert running.line() == [True, 64 * 64 * 3, "CPUExecutionProvider", "Interpreter"]


def test_onnxruntime_places_its_threads_without_complaint(
    reachable: Backend, inside: dict[str, Any], start: Start
) -> None:
    with start(reachable, ONNX, **inside) as running:
        assert running.line() == 64.0**3
        assert "affinity" not in running.rest()


@pytest.mark.slow
def test_tensorflow_and_xnnpack(inside: dict[str, Any], start: Start) -> None:
    with start(choose(), TENSORFLOW, **inside, environment={"TF_CPP_MIN_LOG_LEVEL": "3"}) as running:
        assert running.line(60) == [64.0**3, 64.0**3]
