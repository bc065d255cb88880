"""Predict the last label that was taught, for every row of the next span."""

from pathlib import Path

import numpy as np


class NoChange:
    """Remembers one label."""

    def __init__(self, last):
        self.last = last

    def __call__(self, x):
        """Return the label for every row."""
        return np.full(len(x), self.last)

    def update(self, x, y):  # noqa: ARG002
        """Remember the last label of the span."""
        self.last = int(y[-1])


def build(context):
    """Remember the last label of the history."""
    with np.load(Path(context.public) / "history.npz") as held:
        return NoChange(int(held["y"][-1]))
