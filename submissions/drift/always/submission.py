"""Train after every span, on the last three."""

import numpy as np
from learner import learner

SPANS = 3


class Always:
    """Keeps the last spans and trains on them at every lesson."""

    def __init__(self, made):
        self.learner, self.spans = made, []
        self.count = 0

    def __call__(self, x):
        """Return the class of each row."""
        return {"labels": self.learner(x), "retrained": np.int64(self.count)}

    def update(self, x, y):
        """Train."""
        self.spans = [*self.spans[1 - SPANS :], (x.copy(), y.copy())]
        xs, ys = zip(*self.spans, strict=True)
        self.learner.fit(np.concatenate(xs), np.concatenate(ys))
        self.count += 1


def build(context):
    """Train on the history."""
    return Always(learner(context))
