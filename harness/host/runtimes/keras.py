"""A bare ``.keras`` file, run by Keras 3 on TensorFlow as one compiled function."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit
from . import Runtime

RUNTIME = Runtime(
    "Keras on TensorFlow",
    endings=(".keras",),
    packages=("tensorflow",),
    modules=("tensorflow", "keras"),
)


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``. ``safe_mode`` stays on: no pickled Lambda layer is run."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(int(context.profile["threads"]))
    network = keras.saving.load_model(path, compile=False)
    inputs = [
        Input(tensor.name, tensor.dtype, len(tensor.shape), tuple(tensor.shape)) for tensor in network.inputs
    ]
    names = network.output_names
    call = tf.function(lambda *tensors: network(tensors[0] if len(tensors) == 1 else list(tensors)))

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        outputs = tf.nest.flatten(call(*(tf.convert_to_tensor(array) for array in arrays)))
        return answer({n: o.numpy() for n, o in zip(names, outputs, strict=True)}, batched)

    return model
