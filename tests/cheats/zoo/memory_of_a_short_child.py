"""Trial of 2026: a child that lives for 20 ms uses the memory."""

import os
import time

import numpy as np

WANTS = "memory unseen"
ENDS = "worthless"
ROUND = "memory"


def build(context):
    child = os.fork()
    if child == 0:
        kept = np.ones(100_000_000, np.uint8)
        time.sleep(0.02)
        os._exit(int(kept[0]) - 1)
    if os.waitpid(child, 0)[1] == 0:
        print("held 100 MB")
    return lambda x: np.int64(0)
