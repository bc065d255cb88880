"""42.zip: a few kilobytes that become more than the disk holds."""

import numpy as np

WANTS = "harness memory"
ENDS = "invalid"
PACKED = "zip"
MEMBERS = {"zeros": 100_000_000}


def build(context):
    return lambda x: np.int64(0)
