"""Trial of 2026: memory that is used and freed between two looks."""

import time

import numpy as np

WANTS = "memory unseen"
ENDS = "worthless"
ROUND = "memory"


def build(context):
    kept = np.ones(100_000_000, np.uint8)
    time.sleep(0.05)
    del kept
    print("held 100 MB")
    return lambda x: np.int64(0)
