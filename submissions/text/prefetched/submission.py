"""The vocabulary in the input pipeline, several batches at a time and ahead of the training."""

from __future__ import annotations

import tensorflow as tf
from article import in_pipeline


def pipeline(batches, features):
    made = batches.map(lambda texts, labels: (features(texts), labels), num_parallel_calls=tf.data.AUTOTUNE)
    return made.prefetch(tf.data.AUTOTUNE)


def build(context):
    return in_pipeline(context, pipeline)
