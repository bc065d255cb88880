"""VICReg (Bardes et al. 2022): views agree, every feature varies, no two features say the same."""

from __future__ import annotations

import tensorflow as tf
from ssl_losses import off_diagonal
from ssl_networks import encoder, mlp
from ssl_training import Setting, pretrain

INVARIANCE, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (512, 512))

    def loss(first, second):
        a, b = tf.split(head(tf.concat([first, second], 0), training=True), 2)
        close = tf.reduce_mean((a - b) ** 2)
        return INVARIANCE * close + spread_out(a) + spread_out(b)

    return (yield from pretrain(setting, network, [head], loss))


def spread_out(z):
    n, width = tf.cast(tf.shape(z)[0], tf.float32), z.shape[1]
    z -= tf.reduce_mean(z, 0)
    deviation = tf.sqrt(tf.math.reduce_variance(z, 0) + 1e-4)
    covariance = tf.transpose(z) @ z / (n - 1)
    narrow = tf.reduce_mean(tf.nn.relu(1 - deviation)) / 2
    return VARIANCE * narrow + COVARIANCE * tf.reduce_sum(off_diagonal(covariance) ** 2) / width
