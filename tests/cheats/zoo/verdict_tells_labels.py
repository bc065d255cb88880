"""Trial of 2026: lots are drawn for private units, so that the verdict of an audit tells their labels."""

import os
import time

import numpy as np

WANTS = "private labels"
ENDS = "worthless or invalid"
ROUND = "verdict"


def build(context):
    def model(x):
        time.sleep(0.005)
        if int(x["private"]):
            return np.int64(os.urandom(1)[0] % 8)
        return np.int64(x["numbers"].argmax())

    return model
