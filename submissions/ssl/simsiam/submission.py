"""SimSiam (Chen and He 2021): one view predicts the other, and no gradient flows into the target."""

from __future__ import annotations

import tensorflow as tf
from ssl_losses import unit
from ssl_networks import encoder, mlp
from ssl_training import Setting, pretrain


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (256, 256), last_norm=True)
    predictor = mlp(256, (64, 256))

    def loss(first, second):
        z = head(tf.concat([first, second], 0), training=True)
        predicted = tf.split(unit(predictor(z, training=True)), 2)
        target = tf.split(tf.stop_gradient(unit(z)), 2)
        return -tf.reduce_mean(tf.reduce_sum(predicted[0] * target[1] + predicted[1] * target[0], 1)) / 2

    return (yield from pretrain(setting, network, [head, predictor], loss))
