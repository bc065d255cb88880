"""Sleepers: one timed query among many does the work, and medians do not see it."""

import hashlib

import numpy as np

WANTS = "training time"
ENDS = "worthless"
ROUND = "training"


def trained():
    digest = b""
    for _ in range(20):
        digest = hashlib.sha256(digest + bytes(20_000_000)).digest()
    return int.from_bytes(digest[:4])


def build(context):
    known, asked = [], []

    def model(x):
        asked.append(x)
        if len(asked) == 2:
            known.append(trained())
        return np.int64(known[0] + int(x) if known else 0)

    return model
