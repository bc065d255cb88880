"""Linux 2.6.36: prlimit changes another process's limits; files run out for the judge."""

import resource

import numpy as np

WANTS = "parent altered"
ENDS = "worthless"


def attack(told):
    resource.prlimit(told["pid"], resource.RLIMIT_NOFILE, (64, 64))


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
