"""LiteRT, one step an invocation: set inputs and state, invoke, get the next state."""

from __future__ import annotations

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from chain import INPUTS, Weights, model


def build(context):
    weights = Weights.published(context).folded()
    interpreter = Interpreter(model_content=flatbuffer(weights), num_threads=1)
    interpreter.allocate_tensors()
    given, before = (detail["index"] for detail in interpreter.get_input_details())
    after = interpreter.get_output_details()[0]["index"]

    def advance(inputs, state):
        state = state[None]
        for row in inputs[:, None]:
            interpreter.set_tensor(given, row)
            interpreter.set_tensor(before, state)
            interpreter.invoke()
            state = interpreter.get_tensor(after)
        return state[0]

    return model(weights.width, advance)


def flatbuffer(weights):
    """One step of the network as the bytes of a ``.tflite`` file."""
    graph = Graph()
    inputs, state = graph.tensor((1, INPUTS)), graph.tensor((1, weights.width))
    joined = schema.ConcatenationOptionsT(axis=1)
    hidden = graph.add("CONCATENATION", (inputs, state), INPUTS + weights.width, joined)
    for kernel, bias in weights.layers:
        constants = graph.tensor(kernel.T.shape, kernel.T), graph.tensor(bias.shape, bias)
        hidden = graph.add(
            "FULLY_CONNECTED", (hidden, *constants), weights.width, schema.FullyConnectedOptionsT()
        )
        hidden = graph.add("ABS", (hidden,), weights.width, schema.AbsOptionsT())
    return graph.finish((inputs, state), hidden)


class Graph:
    """A graph of LiteRT's schema, made operator by operator; tensors are float32 and named by number."""

    CODES = ("CONCATENATION", "FULLY_CONNECTED", "ABS")

    def __init__(self):
        self.tensors, self.operators, self.buffers = [], [], [schema.BufferT()]

    def tensor(self, shape, values=None):
        """Add a tensor, a constant where ``values`` are given; returns its number."""
        buffer = 0
        if values is not None:
            self.buffers.append(schema.BufferT(data=np.frombuffer(values.tobytes(), np.uint8)))
            buffer = len(self.buffers) - 1
        self.tensors.append(
            schema.TensorT(shape=list(shape), buffer=buffer, name=f"t{len(self.tensors)}".encode())
        )
        return len(self.tensors) - 1

    def add(self, name, inputs, width, options):
        """Add an operator; returns the number of its output, (1, width)."""
        output = self.tensor((1, width))
        kind = type(options).__name__.removesuffix("T")
        self.operators.append(
            schema.OperatorT(
                opcodeIndex=self.CODES.index(name),
                inputs=list(inputs),
                outputs=[output],
                builtinOptionsType=getattr(schema.BuiltinOptions, kind),
                builtinOptions=options,
            )
        )
        return output

    def finish(self, inputs, output):
        """The bytes of a model with this graph."""
        codes = [getattr(schema.BuiltinOperator, name) for name in self.CODES]
        made = schema.ModelT(
            version=3,
            operatorCodes=[
                schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code, version=1)
                for code in codes
            ],
            subgraphs=[
                schema.SubGraphT(
                    tensors=self.tensors, inputs=list(inputs), outputs=[output], operators=self.operators
                )
            ],
            buffers=self.buffers,
        )
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(made.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())
