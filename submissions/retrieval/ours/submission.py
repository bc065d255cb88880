"""Nearest mean of embeddings, with means of few examples made as near to their own pictures as those of many.

The mean of n vectors of length one has the expected squared length c + (1 - c) / n, where c is the expected
cosine of two vectors of a class. Scaled to length one, a mean of few examples points away from the class, so
that old classes, known by many examples, win too often. The scale below takes this out; c is measured on base
classes.
"""

import numpy as np
from banks import Means
from vectors import base, network


class EvenMeans(Means):
    """Means of classes, longer where they are made of fewer examples."""

    def __init__(self, vectors, x, y):
        self.counts, self.cosine = np.zeros(0), 1.0
        super().__init__(vectors, x, y)
        known = np.unique(y)
        counts = self.counts[known]
        pairs = counts * (counts - 1)
        squares = (self.sums.held[known] ** 2).sum(1)
        if pairs.any():
            self.cosine = max(0.01, float((squares - counts).sum() / pairs.sum()))
        self.means.held[known] *= self._scale(known)

    def _scale(self, classes):
        counts = self.counts[classes, None]
        return np.sqrt(1 + (1 - self.cosine) / (self.cosine * counts)).astype(np.float32)

    def _add(self, rows, y):
        super()._add(rows, y)
        missing = int(y.max()) + 1 - len(self.counts)
        if missing > 0:
            self.counts = np.pad(self.counts, (0, missing + len(self.counts)))
        np.add.at(self.counts, y, 1)
        classes = np.unique(y)
        self.means.held[classes] *= self._scale(classes)


def build(context):
    """Embed the base classes' pictures."""
    images, labels, _ = base(context, most=40)
    return EvenMeans(network(context, __file__), images, labels)
