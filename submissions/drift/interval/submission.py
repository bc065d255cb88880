"""Train only when a test says that accuracy fell.

Fisher's exact test compares a span with all spans since the last change.
The level of the k-th test since then is 0.05 / (k (k + 1)); these sum to 0.05, so that a stream without drift
makes the model train with a probability of at most 5 %, however long it is.
"""

from learner import Retrained, learner
from scipy.stats import hypergeom

LEVEL = 0.05


class Fallen:
    """Whether the hits of a span are fewer than chance explains, given those since the last change."""

    def __init__(self):
        self.right = self.rows = self.tests = 0

    def __call__(self, right):
        hits, rows = int(right.sum()), len(right)
        if self.rows:
            self.tests += 1
            chance = hypergeom.cdf(hits, self.rows + rows, self.right + hits, rows)
            if chance <= LEVEL / (self.tests * (self.tests + 1)):
                self.right = self.rows = self.tests = 0
                return True
        self.right, self.rows = self.right + hits, self.rows + rows
        return False


def build(context):
    """Train on the history."""
    return Retrained(learner(context), Fallen())
