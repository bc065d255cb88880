"""Whitehill, 2017: labels written into the digits of a log-loss that is published."""

import numpy as np

WANTS = "private labels"
ENDS = "worthless"
ROUND = "chances"


def build(context):
    odds = iter(2.0 ** np.arange(1, 64))

    def model(x):
        weight = next(odds)
        return np.float64(weight / (1 + weight))

    return model
