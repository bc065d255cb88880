"""The contrastive loss, and the parts that several losses share."""

from __future__ import annotations

import tensorflow as tf


def contrast(head, temperature):
    """Return SimCLR's loss of two views' features: each picture must find its other view in the batch."""

    def loss(first, second):
        z = unit(head(tf.concat([first, second], 0), training=True))
        n = tf.shape(first)[0]
        similar = z @ tf.transpose(z) / temperature - 1e9 * tf.eye(2 * n)
        partner = tf.concat([tf.range(n) + n, tf.range(n)], 0)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(partner, similar))

    return loss


def unit(x):
    return tf.math.l2_normalize(x, axis=1)


def spread(x):
    """Return each column with mean 0 and variance 1 over the batch."""
    return (x - tf.reduce_mean(x, 0)) / tf.sqrt(tf.math.reduce_variance(x, 0) + 1e-5)


def off_diagonal(square):
    return square - tf.linalg.diag(tf.linalg.diag_part(square))
