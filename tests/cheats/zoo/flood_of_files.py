"""Shared build machines: a million empty files cost inodes, and no bytes."""

import os
import time

import numpy as np

WANTS = "disk"
ENDS = "failed or timeout"


def build(context):
    for number in range(4_500):
        os.close(os.open(f"empty{number}", os.O_CREAT | os.O_WRONLY))
    time.sleep(3)
    return lambda x: np.int64(0)
