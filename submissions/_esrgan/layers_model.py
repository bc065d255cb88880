"""A published TensorFlow.js layers model, its weights unchanged, run by ONNX Runtime.

The file model.json names Keras layers and the arrays that follow each other in group1-shard1of1.bin. Layers
become ONNX operators of the same name; channels come first instead of last. The networks were trained on
pictures from 0 to 1: their biases are too small for 0 to 255, the range that the package's source names.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET, WHITE = 13, 255


def upscaler(folder, threads):
    """Return a function that takes a picture uint8 (h, w, 3) to uint8 (4 h, 4 w, 3)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    data = converted(Path(folder))
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (source,), (target,) = session.get_inputs(), session.get_outputs()

    def predict(picture):
        x = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / WHITE
        (y,) = session.run([target.name], {source.name: x})
        large = np.clip(np.rint(y[0] * WHITE), 0, WHITE).astype(np.uint8)
        return np.ascontiguousarray(large.transpose(1, 2, 0))

    return predict


def converted(folder):
    """Return the model as ONNX bytes."""
    described = json.loads((folder / "model.json").read_text())
    config = described["modelTopology"]["model_config"]["config"]
    nodes, tensors = [], []
    for name, array in arrays(described["weightsManifest"], folder):
        is_kernel = name.endswith("/kernel")
        turned = np.ascontiguousarray(array.transpose(3, 2, 0, 1)) if is_kernel else array
        tensors.append(numpy_helper.from_array(turned, name))
    for layer in config["layers"]:
        inputs = [source[0] for source in layer["inbound_nodes"][0]] if layer["inbound_nodes"] else []
        nodes += _nodes(layer["class_name"], layer["config"], inputs, tensors)
    (source, *_), (target, *_) = config["input_layers"][0], config["output_layers"][0]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, "height", "width"])
        for name in (source, target)
    ]
    graph = helper.make_graph(nodes, "upscaler", ends[:1], ends[1:], tensors)
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()


def arrays(manifest, folder):
    """Yield the weights by name, float32."""
    for group in manifest:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        start = 0
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"]))
            yield weight["name"], np.frombuffer(data, "<f4", count, start).reshape(weight["shape"])
            start += 4 * count


def _nodes(kind, config, inputs, tensors):
    name = config["name"]
    if kind == "InputLayer":
        return []
    if kind == "Conv2D":
        pad = "SAME_UPPER" if config["padding"] == "same" else "VALID"
        given = [*inputs, f"{name}/kernel", f"{name}/bias"]
        return [helper.make_node("Conv", given, [name], name, auto_pad=pad)]
    if kind == "Activation" and config["activation"] == "relu":
        return [helper.make_node("Relu", inputs, [name], name)]
    if kind == "Concatenate":
        return [helper.make_node("Concat", inputs, [name], name, axis=1)]
    if kind == "Add":
        return [helper.make_node("Add", inputs, [name], name)]
    if kind == "UpSampling2D" and config["interpolation"] == "nearest":
        sizes = np.array([1, 1, *config["size"]], np.float32)
        tensors.append(numpy_helper.from_array(sizes, f"{name}/scales"))
        how = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
        return [helper.make_node("Resize", [*inputs, "", f"{name}/scales"], [name], name, **how)]
    raise ValueError(f"layer {name} of class {kind} is not known")
