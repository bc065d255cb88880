"""SimCLR (Chen et al. 2020): two views of an image attract, views of different images repel."""

from __future__ import annotations

import tensorflow as tf
from _shared import Setting, encoder, mlp, pretrain, unit

TEMPERATURE = 0.2


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (256, 128))

    def loss(first, second):
        z = unit(head(tf.concat([first, second], 0), training=True))
        n = tf.shape(first)[0]
        similar = z @ tf.transpose(z) / TEMPERATURE - 1e9 * tf.eye(2 * n)
        partner = tf.concat([tf.range(n) + n, tf.range(n)], 0)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(partner, similar))

    return (yield from pretrain(setting, network, [head], loss))
