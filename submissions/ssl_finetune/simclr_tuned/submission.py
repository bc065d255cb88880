"""SimCLR on the pool for half of the steps, then every layer on the few labels."""

from __future__ import annotations

from ssl_losses import contrast
from ssl_networks import encoder, mlp
from ssl_training import Setting, learn_labels, pretrain

TEMPERATURE = 0.2


def build(context):
    setting = Setting(context)
    tuning = setting.steps // 2
    setting.steps -= tuning
    network = encoder(setting)
    head = mlp(network.output_shape[1], (256, 128))
    for _ in pretrain(setting, network, [head], contrast(head, TEMPERATURE)):
        pass  # an encoder names no classes yet, so it is no checkpoint here
    setting.steps = tuning
    return (yield from learn_labels(setting, network, context.params, augmented=True))
