"""PetFinder, 2019: answers looked up by a hash of the input; CUDA-L1, 2025: results cached by input."""

import time

import numpy as np

WANTS = "ratio"
ENDS = "worthless or invalid"
ROUND = "duel"


def build(context):
    known = {}

    def model(x):
        key = x["numbers"].tobytes()
        if key not in known:
            time.sleep(0.005)
            known[key] = np.int64(x["numbers"].argmax())
        return known[key]

    return model
