"""Shared benchmark machines: push the judge onto the core that is busy."""

import os

import numpy as np

WANTS = "parent altered"
ENDS = "worthless"


def attack(told):
    os.sched_setaffinity(told["pid"], {min(os.sched_getaffinity(0))})


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
