"""The same network, never trained: what its shape alone is worth."""

from __future__ import annotations

from _shared import Setting, embedder, encoder


def build(context):
    return embedder(encoder(Setting(context)))
