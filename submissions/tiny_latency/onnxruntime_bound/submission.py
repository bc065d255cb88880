"""onnxruntime, one step a run, with inputs and outputs bound once: the state never leaves its buffer."""

from __future__ import annotations

import numpy as np
import onnxruntime
from chain import INPUTS, Weights, model
from onnx import TensorProto, helper, numpy_helper


def build(context):
    weights = Weights.published(context).folded()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_model(weights), options, providers=["CPUExecutionProvider"])
    row = np.zeros((1, INPUTS), np.float32)
    states = [np.zeros((1, weights.width), np.float32) for _ in range(2)]
    bindings = [bound(session, row, *pair) for pair in (states, states[::-1])]

    def advance(inputs, state):
        states[0][0] = state
        for number, given in enumerate(inputs):
            row[0] = given
            session.run_with_iobinding(bindings[number % 2])
        return states[len(inputs) % 2][0].copy()

    return model(weights.width, advance)


def bound(session, row, before, after):
    """A binding that reads a row and the state in ``before`` and writes the next state into ``after``."""
    binding = session.io_binding()
    for name, array in (("inputs", row), ("before", before)):
        binding.bind_input(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)
    binding.bind_output("after", "cpu", 0, np.float32, after.shape, after.ctypes.data)
    return binding


def onnx_model(weights):
    """One step of the network as the bytes of an ``.onnx`` file."""
    nodes, constants = [helper.make_node("Concat", ["inputs", "before"], ["x0"], axis=1)], []
    for number, (kernel, bias) in enumerate(weights.layers):
        constants += [
            numpy_helper.from_array(kernel, f"kernel{number}"),
            numpy_helper.from_array(bias, f"bias{number}"),
        ]
        after = "after" if number == len(weights.kernels) else f"x{number + 1}"
        given = [f"x{number}", f"kernel{number}", f"bias{number}"]
        nodes += [
            helper.make_node("Gemm", given, [f"sum{number}"]),
            helper.make_node("Abs", [f"sum{number}"], [after]),
        ]
    widths = {"inputs": INPUTS, "before": weights.width, "after": weights.width}
    inputs, before, after = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, width)) for name, width in widths.items()
    )
    graph = helper.make_graph(nodes, "step", [inputs, before], [after], constants)
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()
