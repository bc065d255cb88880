"""Detection boards: NaN as confidence or size sorts where it likes and overlaps everything."""

import numpy as np

WANTS = "score"
ENDS = "invalid"
ROUND = "boxes"


def build(context):
    return lambda x: np.full((5, 5), np.nan)
