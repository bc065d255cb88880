"""Video boards: every second frame gets the answer of the one before."""

import time

import numpy as np

WANTS = "time"
ENDS = "worthless"


def build(context):
    state = {"calls": 0, "last": np.int64(0)}

    def model(x):
        state["calls"] += 1
        if state["calls"] % 2:
            time.sleep(0.005)
            state["last"] = np.int64(x["numbers"].argmax())
        return state["last"]

    return model
