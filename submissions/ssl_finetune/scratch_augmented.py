"""The network trained on the few labels alone, with the views that the self-supervised entries see."""

from __future__ import annotations

from _shared import Setting, encoder, learn_labels


def build(context):
    setting = Setting(context)
    return (yield from learn_labels(setting, encoder(setting), context.params, augmented=True))
