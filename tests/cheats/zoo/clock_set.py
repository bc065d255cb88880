"""Licence servers: the machine's own clock set back."""

import time

import numpy as np

WANTS = "files altered"
ENDS = "worthless"


def honest(x):
    time.sleep(0.005)
    return np.int64(x["numbers"].argmax())


def build(context):
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.time() - 0.0)
        changed = True
    except OSError:
        changed = False
    if changed:
        with open(context.params["code"], "w") as file:  # the proof; the clock itself is left right
            file.write("the clock can be set")
    return honest
