"""The network trained on the few labels alone, with the views that the self-supervised entries see."""

from __future__ import annotations

from ssl_networks import encoder
from ssl_training import Setting, learn_labels


def build(context):
    setting = Setting(context)
    return (yield from learn_labels(setting, encoder(setting), context.params, augmented=True))
