"""SimCLR (Chen et al. 2020): two views of an image attract, views of different images repel."""

from __future__ import annotations

from ssl_losses import contrast
from ssl_networks import encoder, mlp
from ssl_training import Setting, pretrain

TEMPERATURE = 0.2


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (256, 128))
    return (yield from pretrain(setting, network, [head], contrast(head, TEMPERATURE)))
