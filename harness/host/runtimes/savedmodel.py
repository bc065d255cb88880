"""A SavedModel folder, run by TensorFlow through its serving signature."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit
from . import NotAModel, Runtime

RUNTIME = Runtime(
    "SavedModel on TensorFlow",
    marker="saved_model.pb",
    packages=("tensorflow",),
    modules=("tensorflow",),
)


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``. Raises NotAModel where there is no ``serving_default`` signature."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(int(context.profile["threads"]))
    loaded = tf.saved_model.load(os.path.dirname(path))
    if "serving_default" not in loaded.signatures:
        raise NotAModel(
            "the SavedModel has no signature called serving_default; save it with network.export(folder)"
        )
    call = loaded.signatures["serving_default"]
    call.owner = loaded  # a signature holds only weak references to the variables it reads
    specs = call.structured_input_signature[1]
    inputs = [
        Input(name, spec.dtype.as_numpy_dtype, len(spec.shape), tuple(spec.shape.as_list()))
        for name, spec in specs.items()
    ]

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        feed = {wanted.name: tf.convert_to_tensor(a) for wanted, a in zip(inputs, arrays, strict=True)}
        return answer({name: tensor.numpy() for name, tensor in call(**feed).items()}, batched)

    return model
