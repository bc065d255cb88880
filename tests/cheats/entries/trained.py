"""Trains honestly, in ``build``."""

import hashlib

import numpy as np


def build(context):
    digest = b""
    for _ in range(8):
        digest = hashlib.sha256(digest + bytes(20_000_000)).digest()
    known = int.from_bytes(digest[:4])
    return lambda x: np.int64(known + int(x))
