"""Does the work of the rounds honestly."""

import time

import numpy as np


def build(context):
    def model(x):
        time.sleep(0.005)
        return np.int64(x["numbers"].argmax())

    return model
