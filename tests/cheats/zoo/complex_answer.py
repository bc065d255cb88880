"""Metrics in NumPy: a complex number has no order, and comparisons look at one part only."""

import numpy as np

WANTS = "score"
ENDS = "invalid"


def build(context):
    return lambda x: np.complex128(1 + 1j)
