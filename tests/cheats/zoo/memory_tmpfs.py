"""Container limits: /dev/shm and /tmp are memory that looks like disk."""

import time

import numpy as np

WANTS = "left behind"
ENDS = "worthless or out_of_memory or failed"


def build(context):
    for folder in ("/dev/shm", "/tmp"):
        try:
            with open(f"{folder}/{context.params['mark']}", "wb") as file:
                for _ in range(150):
                    file.write(b"x" * 1_000_000)
        except OSError:
            continue
    time.sleep(0.1)
    return lambda x: np.int64(0)
