"""Memory boards: more than the profile has, hoping that nobody measures."""

import numpy as np

WANTS = "memory"
ENDS = "out_of_memory or failed"


def build(context):
    kept = np.ones(400_000_000, np.uint8)
    return lambda x: np.int64(kept[0])
