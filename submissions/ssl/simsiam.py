"""SimSiam (Chen and He 2021): one view predicts the other, and no gradient flows into the predicted."""

from __future__ import annotations

import tensorflow as tf
from _shared import Setting, encoder, mlp, pretrain, unit


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (256, 256), last_norm=True)
    predictor = mlp(256, (64, 256))

    def loss(first, second):
        z = head(tf.concat([first, second], 0), training=True)
        told = tf.split(unit(predictor(z, training=True)), 2)
        seen = tf.split(tf.stop_gradient(unit(z)), 2)
        return -tf.reduce_mean(tf.reduce_sum(told[0] * seen[1] + told[1] * seen[0], 1)) / 2

    return (yield from pretrain(setting, network, [head, predictor], loss))
