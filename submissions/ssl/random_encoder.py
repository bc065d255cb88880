"""The same network, never trained: what its shape alone is worth."""

from __future__ import annotations

from _shared import Model, Setting, encoder


def build(context):
    return Model(encoder(Setting(context)))
