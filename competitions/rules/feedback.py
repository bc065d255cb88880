"""Which public score is shown, so that the board cannot be climbed by chance.

``ladder`` is that of Blum and Hardt (2015): a new score is shown only where it is significantly better than
the team's best, here by three standard errors of the paired difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from competitions.rules.competition import Feedback
from harness.spec import Goal

if TYPE_CHECKING:
    from harness.spec import Array

STANDARD_ERRORS = 3.0
DIGITS = 3
"""How many digits a rounded score has after the point."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """A score on common resamples of the rows, (n,): their spread says how sure a difference is.

    ``clusters`` is 0 where they are those of a jackknife (one group of rows left out each time), else the
    number of clusters that a bootstrap drew from.
    """

    values: Array
    clusters: int = 0

    def packed(self) -> bytes:
        """Return the values as little-endian float64."""
        return self.values.astype("<f8").tobytes()

    @classmethod
    def unpacked(cls, data: bytes, clusters: int) -> Replicates:
        """Read back what ``packed`` wrote."""
        return cls(np.frombuffer(data, "<f8"), clusters)


@dataclass(frozen=True, eq=False)
class PublicScore:
    """A public score with its replicates, None where the feedback does not need them."""

    value: float
    replicates: Replicates | None = None


def shown_score(feedback: Feedback, goal: Goal, new: PublicScore, best: PublicScore | None) -> float:
    """Return the public score to show; ``best`` is the one that the team's best shown score came from."""
    if feedback == "exact":
        return new.value
    if feedback == "rounded":
        return round(new.value, DIGITS)
    if best is None or _is_better(goal, new, best):
        return new.value
    return best.value


def _is_better(goal: Goal, new: PublicScore, best: PublicScore) -> bool:
    """Whether a score is significantly better; without comparable replicates no score is."""
    gain = new.value - best.value if goal == "max" else best.value - new.value
    if gain <= 0 or new.replicates is None or best.replicates is None:
        return False
    if len(new.replicates.values) != len(best.replicates.values):
        return False
    return gain > STANDARD_ERRORS * _standard_error(new.replicates, best.replicates)


def _standard_error(new: Replicates, best: Replicates) -> float:
    """Estimate the standard error of the paired difference of two scores."""
    differences = new.values - best.values
    spread = float(np.std(differences))
    count = len(differences)
    return spread * float(np.sqrt(count - 1)) if new.clusters == 0 else spread
