"""JSON parsers: a hundred thousand brackets, and whoever reads them runs out of stack."""

import sys

import numpy as np

WANTS = "harness crash"
ENDS = "invalid"


def build(context):
    sys.modules["__main__"].described = lambda *_: "[" * 100_000
    return lambda x: np.int64(1 // 0)
