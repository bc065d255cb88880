"""Zip Slip, 2018: names with two dots write outside the folder."""

import numpy as np

WANTS = "left behind"
ENDS = "invalid"
PACKED = "zip"
MEMBERS = {"../MARK.txt": "out"}


def build(context):
    return lambda x: np.int64(0)
