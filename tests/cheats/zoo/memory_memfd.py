"""Container limits: memory in a file without a name counts for no rlimit."""

import mmap
import os

import numpy as np

WANTS = "memory"
ENDS = "out_of_memory or failed"


def build(context):
    held = os.memfd_create("held")
    for _ in range(400):
        os.write(held, b"x" * 1_000_000)
    kept = mmap.mmap(held, 400_000_000)
    touched = sum(kept[place] for place in range(0, 400_000_000, 4096))
    return lambda x: np.int64(touched > 0)
