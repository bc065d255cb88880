"""The closed model of the TensorFlow entries in Keras, its training epoch, and how records are read.

``params["part"]`` lets the ladder look at one half: ``input`` reads without a model, ``model`` trains on
one batch again and again.
"""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

GOLDEN = 0x9E3779B1
"""2**32 over the golden ratio: multiples of it keep their distance (Knuth, TAOCP 3, 6.4)."""


class Table:
    """The columns, read from ``schema.json``."""

    def __init__(self, context):
        schema = json.loads((Path(context.public) / "schema.json").read_text())
        self.rows = schema["rows"]
        self.numerical = schema["numerical"]
        self.categorical = schema["categorical"]
        self.slots = sum(column["width"] for column in self.categorical)

        largest = max(column["vocabulary"] for column in self.categorical)
        self.narrow = "uint16" if largest <= 1 << 16 else "int32"

    def matrices(self, batch):
        """Return labels uint8 (n,), numbers float32 (n, k), ids int32 (n, slots) of a batch of Parquet."""
        numbers = np.stack([batch.column(name).to_numpy() for name in self.numerical], axis=1)
        ids, slot = np.empty((batch.num_rows, self.slots), np.int32), 0
        for column in self.categorical:
            width, values = column["width"], batch.column(column["name"])
            flat = (values if width == 1 else values.flatten()).to_numpy()
            ids[:, slot : slot + width] = flat.reshape(-1, width)
            slot += width
        return batch.column("label").to_numpy(), numbers, ids

    def row_features(self):
        """Return how one row's tf.train.Example is parsed."""
        features = {"label": tf.io.FixedLenFeature([], tf.int64)}
        features |= {name: tf.io.FixedLenFeature([1], tf.float32) for name in self.numerical}
        return features | {
            column["name"]: tf.io.FixedLenFeature([column["width"]], tf.int64) for column in self.categorical
        }

    def joined(self, parsed):
        """Return parsed rows as the model takes them: numbers (n, k), ids (n, slots), and labels (n,)."""
        numbers = tf.concat([parsed[name] for name in self.numerical], axis=-1)
        ids = tf.concat([tf.cast(parsed[column["name"]], tf.int32) for column in self.categorical], axis=-1)
        return {"numerical": numbers, "categorical": ids}, tf.cast(parsed["label"], tf.float32)


def network(table, params, hashed=False):
    """Return the closed model: a wide weight and an embedding per id, an MLP over embeddings and numbers.

    One table holds the rows of all categories one after another: eighty layers would take Keras a minute
    to trace and change nothing else.
    """
    numbers = keras.Input([len(table.numerical)], name="numerical")
    ids = keras.Input([table.slots], dtype="int32", name="categorical")
    widths = [column["width"] for column in table.categorical]
    sizes = [column["vocabulary"] for column in table.categorical]
    fused = ids
    if hashed:
        bits = [size.bit_length() + 1 for size in sizes]
        fused, sizes = Hash(np.repeat(bits, widths))(ids), [1 << bit for bit in bits]
    fused = fused + np.repeat(np.cumsum([0, *sizes[:-1]]), widths).astype(np.int32)
    rows = Rows(sum(sizes), params["embedding"], params["embedding_reach"])(fused)
    deep, wide = rows[..., 1:], rows[..., 0]
    singles = widths.count(1)
    pooled, slot = [keras.layers.Flatten()(deep[:, :singles])], singles
    for width in widths[singles:]:
        pooled.append(keras.ops.mean(deep[:, slot : slot + width], axis=1))
        slot += width
    hidden = keras.layers.Concatenate()([*pooled, numbers])
    for size in params["hidden"]:
        hidden = keras.layers.Dense(size, activation="relu")(hidden)
    linear = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")(numbers)
    logit = keras.layers.Dense(1)(hidden) + linear + keras.ops.sum(wide, axis=1, keepdims=True)
    return keras.Model({"numerical": numbers, "categorical": ids}, keras.ops.squeeze(logit, -1))


class Rows(keras.layers.Layer):
    """A table of a wide weight (initially zero) and an embedding per id.

    Its gradient is dense: Keras' sparse updates take four times as long to sum the rows of frequent ids.
    """

    def __init__(self, size, width, reach):
        super().__init__()
        self.size, self.width, self.reach = size, width, reach

    def build(self, _):
        def first(shape, dtype):
            deep = keras.random.uniform([shape[0], self.width], -self.reach, self.reach, dtype)
            return keras.ops.concatenate([keras.ops.zeros([shape[0], 1], dtype), deep], axis=1)

        self.table = self.add_weight(shape=(self.size, 1 + self.width), initializer=first, name="table")

    def call(self, ids):
        @tf.custom_gradient
        def gather(table):
            def back(gradient):
                flat = tf.reshape(gradient, [-1, 1 + self.width])
                return tf.math.unsorted_segment_sum(flat, tf.reshape(ids, [-1]), self.size)

            return tf.gather(table, ids), back

        return gather(tf.convert_to_tensor(self.table))


class Hash(keras.layers.Layer):
    """Hashed columns: ids of any size into a power of two of buckets, at least twice the vocabulary.

    Multiplicative hashing separates consecutive ids. A random hash lets rare ids collide, and what was learnt
    from a rare id is lost.
    """

    def __init__(self, bits):
        super().__init__()
        self.shifts = (32 - np.asarray(bits)).astype(np.int64)

    def call(self, ids):
        spread = (tf.cast(ids, tf.int64) * GOLDEN) & 0xFFFFFFFF
        return tf.cast(tf.bitwise.right_shift(spread, self.shifts), tf.int32)


def trained(context, table, batches, hashed=False):
    """Train the closed model on one epoch of ``batches``; return the model that answers queries."""
    params = context.params
    part = params.get("part")
    if part == "input":
        return consumed(batches)
    if part == "model":
        batches = batches.take(1).cache().repeat(-(-table.rows // params["batch"]))
    model = compiled(context, table, hashed)
    model.fit(batches, epochs=1, verbose=0)
    return Served(model)


def compiled(context, table, hashed):
    """Return the closed model with its optimiser and loss, its weights drawn from the context's seed."""
    params = context.params
    keras.utils.set_random_seed(context.seed)
    model = network(table, params, hashed)
    model.compile(
        keras.optimizers.Adagrad(params["learning_rate"], initial_accumulator_value=0.0, epsilon=1e-14),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=params.get("jit", False),
    )
    return model


def consumed(batches):
    """Read everything and learn nothing."""
    rows = batches.reduce(np.int64(0), lambda total, batch: total + tf.size(batch[1], tf.int64))
    print(f"{int(rows)} rows read")
    return lambda x: np.full(len(x["numerical"]), 0.5, np.float32)


class Served:
    """A trained model that answers with probabilities (n,) float32."""

    def __init__(self, model):
        self._model = model
        self._answer = tf.function(
            lambda numbers, ids: tf.sigmoid(
                model({"numerical": numbers, "categorical": ids}, training=False)
            ),
            input_signature=[
                tf.TensorSpec([None, model.input["numerical"].shape[1]], tf.float32),
                tf.TensorSpec([None, model.input["categorical"].shape[1]], tf.int32),
            ],
        )

    def __call__(self, x):
        return self._answer(x["numerical"], x["categorical"]).numpy()


def batched_records(context, table):
    """Read the records of single rows a batch at a time, several batches at once."""
    features = table.row_features()
    records = tf.data.TFRecordDataset(str(Path(context.public) / "train.tfrecord"))
    batches = records.batch(context.params["batch"]).map(
        lambda batch: table.joined(tf.io.parse_example(batch, features)), num_parallel_calls=tf.data.AUTOTUNE
    )
    return batches.prefetch(tf.data.AUTOTUNE)


def prebatch(context):
    """Write records of a whole batch each: three matrices as bytes, ids in the narrowest fitting type."""
    import pyarrow.parquet as pq

    table = Table(context)
    path = Path(context.workdir) / "prebatched.tfrecord"
    with (
        pq.ParquetFile(Path(context.public) / "train.parquet", pre_buffer=False) as file,
        tf.io.TFRecordWriter(str(path)) as writer,
    ):
        for batch in file.iter_batches(context.params["batch"]):
            label, numbers, ids = table.matrices(batch)
            parts = {"label": label, "numerical": numbers, "categorical": ids.astype(table.narrow)}
            features = {
                name: tf.train.Feature(bytes_list=tf.train.BytesList(value=[matrix.tobytes()]))
                for name, matrix in parts.items()
            }
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())


def prebatched(context, table):
    """Read what ``prebatch`` wrote: one parse per batch."""
    features = dict.fromkeys(("label", "numerical", "categorical"), tf.io.FixedLenFeature([], tf.string))

    def parse(record):
        parsed = tf.io.parse_single_example(record, features)
        numbers = tf.reshape(tf.io.decode_raw(parsed["numerical"], tf.float32), [-1, len(table.numerical)])
        ids = tf.reshape(tf.io.decode_raw(parsed["categorical"], table.narrow), [-1, table.slots])
        label = tf.cast(tf.io.decode_raw(parsed["label"], tf.uint8), tf.float32)
        return {"numerical": numbers, "categorical": tf.cast(ids, tf.int32)}, label

    records = tf.data.TFRecordDataset(str(Path(context.workdir) / "prebatched.tfrecord"))
    return records.map(parse, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
