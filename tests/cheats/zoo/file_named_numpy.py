"""Dependency confusion, 2021: the entry brings its own numpy for the host to import."""

import numpy as np

WANTS = "score"
ENDS = "worthless"
PACKED = "folder"
MEMBERS = {"numpy.py": "def asarray(*a, **k): raise SystemExit", "json.py": "", "codec.py": ""}


def build(context):
    return lambda x: np.int64(0)
