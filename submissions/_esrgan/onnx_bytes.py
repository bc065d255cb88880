"""Write an ONNX model without the package onnx: the few messages of its protobuf schema that are needed."""

from __future__ import annotations

FLOAT, IR_VERSION, OPSET = 1, 8, 13
_INT, _STRING, _INTS = 2, 3, 7


def _varint(value):
    data = b""
    while value > 0x7F:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])


def _field(number, value):
    """Encode one field: whole numbers as they are, text and messages with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _message(*fields):
    return b"".join(_field(number, value) for number, value in fields)


def tensor(name, array):
    """Encode a TensorProto of a float32 array."""
    sizes = [(1, int(side)) for side in array.shape]
    return _message(*sizes, (2, FLOAT), (8, name), (9, array.astype("<f4").tobytes()))


def node(kind, inputs, output, **attributes):
    """Encode a NodeProto with one output; attributes are whole numbers, lists of them, or text."""
    fields = [(1, name) for name in inputs] + [(2, output), (3, output), (4, kind)]
    return _message(*fields, *((5, _attribute(name, value)) for name, value in attributes.items()))


def _attribute(name, value):
    if isinstance(value, str):
        return _message((1, name), (4, value), (20, _STRING))
    if isinstance(value, int):
        return _message((1, name), (3, value), (20, _INT))
    return _message((1, name), *((8, number) for number in value), (20, _INTS))


def value_info(name, channels):
    """Encode a ValueInfoProto of float32 (1, channels, height, width), the sizes free."""
    sides = [(1, 1)], [(1, channels)], [(2, "height")], [(2, "width")]
    shape = _message(*((1, _message(*side)) for side in sides))
    return _message((1, name), (2, _message((1, _message((1, FLOAT), (2, shape))))))


def model(nodes, tensors, source, target):
    """Encode a ModelProto; ``source`` and ``target`` are the value infos of its input and its output."""
    graph = _message(
        *((1, one) for one in nodes), (2, "graph"), *((5, one) for one in tensors), (11, source), (12, target)
    )
    return _message((1, IR_VERSION), (7, graph), (8, _message((1, ""), (2, OPSET))))
