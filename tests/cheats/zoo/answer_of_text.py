"""Metrics in NumPy: text compared with numbers broadcasts in odd ways."""

import numpy as np

WANTS = "score"
ENDS = "invalid"


def build(context):
    return lambda x: np.array("0")
