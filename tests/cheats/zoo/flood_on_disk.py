"""Shared build machines: fill the disk, and everybody's run fails."""

import time

import numpy as np

WANTS = "disk"
ENDS = "failed"


def build(context):
    with open("big", "wb") as file:
        for _ in range(64):
            file.write(b"x" * 1_000_000)
            file.flush()
    time.sleep(0.5)
    return lambda x: np.int64(0)
