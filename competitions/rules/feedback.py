"""Which public score is shown, so that the board cannot be climbed by chance.

``ladder`` is that of Blum and Hardt (2015): a new score is shown only where it is significantly better than
the team's best, here by Student's t of the paired difference. Its level is so strict because a team may try a
thousand times, and its best score may have been unlucky.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from competitions.rules.competition import Feedback
from harness.spec import Goal
from leaderboards.ranking import BootstrapDraws

LEVEL = 1e-5
"""How often an equal submission may be called better, by chance."""
DIGITS = 3
"""How many digits a rounded score has after the point."""


@dataclass(frozen=True, eq=False)
class PublicScore:
    """A public score with draws whose spread is its standard error; None where feedback needs none."""

    value: float
    draws: BootstrapDraws | None = None


def jackknife(scores: Sequence[float]) -> BootstrapDraws:
    """Turn scores without each group of rows in turn into draws that spread as a bootstrap's would.

    The jackknife's standard error is ``sqrt(n - 1)`` times the standard deviation of its n scores (Efron and
    Tibshirani 1993, chapter 11, with groups); differences of two scores scale alike.
    """
    values = np.asarray(scores, float)
    mean = values.mean()
    return BootstrapDraws(mean + (values - mean) * np.sqrt(len(values) - 1), len(values))


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
    """Whether a score is significantly better; without comparable draws no score is."""
    gain = new.value - best.value if goal == "max" else best.value - new.value
    if gain <= 0 or new.draws is None or best.draws is None:
        return False
    if len(new.draws.draws) != len(best.draws.draws):
        return False
    differences = new.draws.draws.astype(float) - best.draws.draws
    degrees = max(min(new.draws.clusters, best.draws.clusters) - 1, 1)
    return gain > float(special.stdtrit(degrees, 1 - LEVEL)) * float(np.std(differences))
