"""The article's model that takes raw strings: the vocabulary is a layer of it, in training and in serving."""

from __future__ import annotations

import keras
from article import Rows, Served, fit, head, multi_hot, valid


def build(context):
    keras.utils.set_random_seed(context.seed)
    rows = Rows(context)
    layer = multi_hot(context, rows)
    texts = keras.Input((), dtype="string")
    features = layer(keras.layers.Lambda(valid, output_shape=())(texts))
    model = keras.Model(texts, head(features, context, rows))
    inside = keras.Model(texts, features)
    fit(model, rows.batches(context), context)
    return Served(
        model, lambda batches: batches.map(lambda strings, labels: (inside(strings), labels)), inside
    )
