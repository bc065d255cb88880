"""The vocabulary in the input pipeline; features are made once and kept in memory for the later passes."""

from __future__ import annotations

import tensorflow as tf
from article import in_pipeline


def pipeline(batches, features):
    made = batches.map(lambda texts, labels: (features(texts), labels), num_parallel_calls=tf.data.AUTOTUNE)
    return made.cache().prefetch(tf.data.AUTOTUNE)


def build(context):
    return in_pipeline(context, pipeline)
