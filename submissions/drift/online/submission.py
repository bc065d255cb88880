"""Learn from every span and forget: recursive least squares that keeps 55 % of the past a span."""

import numpy as np
from learner import learner

KEEP = 0.55


class Online:
    """Adds each span to what it knows; no training from the start ever happens."""

    def __init__(self, made):
        self.learner = made

    def __call__(self, x):
        """Return the class of each row."""
        return {"labels": self.learner(x), "retrained": np.int64(0)}

    def update(self, x, y):
        """Add the span."""
        self.learner.add(x, y, KEEP)


def build(context):
    """Train on the history."""
    return Online(learner(context))
