"""Limits a process: each of many children stays below it."""

import os
import time

import numpy as np

WANTS = "memory"
ENDS = "out_of_memory or failed"


def build(context):
    pipes = []
    for _ in range(6):
        read, write = os.pipe()
        pipes.append(read)
        if os.fork() == 0:
            kept = np.ones(80_000_000, np.uint8)
            os.write(write, b"full")
            time.sleep(60)
            os._exit(int(kept[0]))
        os.close(write)
    for read in pipes:
        os.read(read, 4)  # until it is full, or dead
    time.sleep(0.1)
    return lambda x: np.int64(0)
