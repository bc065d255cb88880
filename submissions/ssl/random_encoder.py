"""The same network, never trained: what its shape alone is worth."""

from __future__ import annotations

from _shared import Embedder, Setting, encoder


def build(context):
    return Embedder(encoder(Setting(context)))
