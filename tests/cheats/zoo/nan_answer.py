"""Comparisons with NaN: NaN > tolerance is false, so every check passes."""

import numpy as np

WANTS = "score"
ENDS = "invalid"


def build(context):
    return lambda x: np.float64("nan")
