"""Train when ADWIN (Bifet and Gavalda 2007, as in river) sees the mean error change."""

from learner import Retrained, learner
from river.drift import ADWIN


def build(context):
    """Train on the history."""
    detector = ADWIN(delta=0.002)

    def due(right):
        before, seen = detector.estimation, False
        for hit in right:
            detector.update(float(not hit))
            seen |= detector.drift_detected and detector.estimation > before
        return seen

    return Retrained(learner(context), due)
