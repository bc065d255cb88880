"""Malicious archives: a device file made by an extractor that runs as root."""

import numpy as np

WANTS = "left behind"
ENDS = "invalid"
PACKED = "tar"
MEMBERS = {"MARK": ("device",)}


def build(context):
    return lambda x: np.int64(0)
