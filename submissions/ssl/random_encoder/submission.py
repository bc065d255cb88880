"""The same network, never trained: shows what the architecture alone is worth."""

from __future__ import annotations

from ssl_networks import encoder
from ssl_training import Model, Setting


def build(context):
    return Model(encoder(Setting(context)))
