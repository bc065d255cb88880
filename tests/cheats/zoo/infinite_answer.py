"""Averages over answers: one infinity, and no comparison means anything."""

import numpy as np

WANTS = "score"
ENDS = "invalid"


def build(context):
    return lambda x: np.float64("inf")
