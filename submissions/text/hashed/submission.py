"""No vocabulary at all: words are hashed into 8,192 features, so nothing is learnt before the training."""

from __future__ import annotations

import tensorflow as tf
from article import in_pipeline, valid

BUCKETS = 8192
PUNCTUATION = r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']'


def features(texts):
    words = tf.strings.split(tf.strings.regex_replace(tf.strings.lower(valid(texts)), PUNCTUATION, ""))
    buckets = tf.strings.to_hash_bucket_fast(words, BUCKETS)
    rows = tf.cast(buckets.value_rowids(), tf.int64)
    places = tf.stack([rows, buckets.values], axis=1)
    shape = tf.stack([tf.shape(texts, tf.int64)[0], tf.constant(BUCKETS, tf.int64)])
    return tf.minimum(tf.scatter_nd(places, tf.ones_like(rows, tf.float32), shape), 1.0)


def pipeline(batches, features):
    made = batches.map(lambda texts, labels: (features(texts), labels), num_parallel_calls=tf.data.AUTOTUNE)
    return made.prefetch(tf.data.AUTOTUNE)


def build(context):
    return in_pipeline(context, pipeline, BUCKETS, features)
