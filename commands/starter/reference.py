"""The reference of the task: every submission is timed in turns with it."""

import numpy as np


def build(context):  # load or train here; context.public is the folder of public data
    def model(x):  # x is float64 (8,)
        return np.int64(x.argmax())

    return model
