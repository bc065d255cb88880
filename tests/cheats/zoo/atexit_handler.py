"""Test runners: code that runs after the verdict, when nobody looks any more."""

import atexit
import os

import numpy as np

WANTS = "outlived"
ENDS = "worthless"


def attack(told):
    def afterwards():
        if os.fork() == 0:
            os.execv("/bin/sleep", [told["mark"], "60"])

    atexit.register(afterwards)


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
