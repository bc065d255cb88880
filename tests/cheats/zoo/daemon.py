"""Online judges: a process that detaches itself outlives the run and computes on."""

import os

import numpy as np

WANTS = "outlived"
ENDS = "worthless"


def attack(told):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sleep", [told["mark"], "60"])
        os._exit(0)


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
