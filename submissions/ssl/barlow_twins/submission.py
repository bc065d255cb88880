"""Barlow Twins (Zbontar et al. 2021): the correlation of two views' features becomes the identity."""

from __future__ import annotations

import tensorflow as tf
from ssl_losses import off_diagonal, spread
from ssl_networks import encoder, mlp
from ssl_training import Setting, pretrain

REDUNDANCY = 5e-3


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (512, 512))

    def loss(first, second):
        a, b = tf.split(head(tf.concat([first, second], 0), training=True), 2)
        across = tf.transpose(spread(a)) @ spread(b) / tf.cast(tf.shape(a)[0], tf.float32)
        same = tf.reduce_sum((tf.linalg.diag_part(across) - 1) ** 2)
        return same + REDUNDANCY * tf.reduce_sum(off_diagonal(across) ** 2)

    return (yield from pretrain(setting, network, [head], loss))
