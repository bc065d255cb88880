"""Trial of 2026: a child keeps the memory after build has ended, when a board looks at its parent."""

import os
import time

import numpy as np

WANTS = "memory unseen"
ENDS = "worthless"
ROUND = "memory"


def build(context):
    read, write = os.pipe()
    if os.fork() == 0:
        kept = np.ones(100_000_000, np.uint8)
        os.write(write, b"full")
        time.sleep(60)
        os._exit(int(kept[0]))
    os.read(read, 4)
    print("held 100 MB")
    return lambda x: np.int64(0)
