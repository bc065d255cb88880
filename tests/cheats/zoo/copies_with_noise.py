"""Trial of 2026: copies of an entry, each with a little noise, widen the bar that a rival must clear."""

import numpy as np

WANTS = "shared rank"
ENDS = "worthless"
ROUND = "copies"


def build(context):
    def model(x):
        noise = 0.001 * np.random.default_rng(int(x["copy"])).normal(size=x["scores"].shape)
        return x["scores"] + noise - noise.mean()

    return model
