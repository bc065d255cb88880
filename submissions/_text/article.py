"""The closed model in Keras, with the vocabulary in the model or in the input pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pyarrow.parquet as pq
import tensorflow as tf


class Rows:
    """The training rows: ``texts`` (n,) of strings and ``labels`` (n,), and the number of classes."""

    def __init__(self, context):
        public = Path(context.public)
        table = pq.read_table(public / "train.parquet")
        self.texts = tf.constant(table.column("text").to_pylist())
        self.labels = table.column("label").to_numpy().astype(np.int32)
        self.classes = len(json.loads((public / "about.json").read_text())["classes"])

    def batches(self, context):
        """Read strings in batches, in another order every time."""
        data = tf.data.Dataset.from_tensor_slices((self.texts, self.labels))
        return data.shuffle(len(self.labels), seed=context.seed).batch(context.params["batch"])


def multi_hot(context, rows):
    """Return the layer that turns strings into features, its vocabulary learnt from the training rows."""
    layer = keras.layers.TextVectorization(context.params["vocabulary"], output_mode="multi_hot")
    layer.adapt(tf.data.Dataset.from_tensor_slices(rows.texts).batch(1024))
    return layer


def head(x, context, rows):
    """Return class scores of features ``x``."""
    for size in context.params["hidden"]:
        x = keras.layers.Dense(size, activation=context.params["activation"])(x)
    return keras.layers.Dense(rows.classes)(x)


def network(width, context, rows):
    """Return the closed model over features."""
    features = keras.Input((width,))
    return keras.Model(features, head(features, context, rows))


def fit(model, batches, context):
    """Train the closed model: all passes over ``batches``."""
    model.compile(
        keras.optimizers.Adam(context.params["learning_rate"]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(batches, epochs=context.params["epochs"], verbose=0)


def valid(texts):
    """Put U+FFFD where bytes are no UTF-8: on both paths, for strings of strangers come on both."""
    return tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")


class Served:
    """The trained model: class scores, and features on either path."""

    def __init__(self, scores, training, serving):
        signature = [tf.TensorSpec([None], tf.string)]
        self._scores = tf.function(scores, input_signature=signature)
        self._serving = tf.function(serving, input_signature=signature)
        self._training = training

    def __call__(self, x):
        texts, ask = x["texts"], str(x["ask"])
        if ask == "labels":
            return self._scores(texts).numpy()
        if ask == "serving features":
            return self._serving(texts).numpy()
        batches = tf.data.Dataset.from_tensor_slices((texts, np.zeros(len(texts), np.int32))).batch(
            len(texts)
        )
        return next(iter(self._training(batches)))[0].numpy()


def in_pipeline(context, pipeline, width=0, features=None):
    """Train with features made by ``pipeline(batches, features)``; serve with the same features."""
    keras.utils.set_random_seed(context.seed)
    rows = Rows(context)
    if features is None:
        layer = multi_hot(context, rows)
        features, width = lambda texts: layer(valid(texts)), layer.vocabulary_size()
    model = network(width, context, rows)
    fit(model, pipeline(rows.batches(context), features), context)
    return Served(lambda texts: model(features(texts)), lambda batches: pipeline(batches, features), features)
