"""Online judges: the output limit exists because of this."""

import os

import numpy as np

WANTS = "log"
ENDS = "worthless"


def build(context):
    for _ in range(64):
        os.write(1, b"noise " * 100_000)
    return lambda x: np.int64(0)
