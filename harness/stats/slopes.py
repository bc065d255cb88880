"""A straight line through measured times that a few slow ones do not move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.spec import Array


@dataclass(frozen=True)
class Line:
    """``intercept`` + ``slope`` x."""

    intercept: float
    slope: float


def robust_line(x: Array, y: Array) -> Line | None:
    """Fit the line whose residuals differ least from one another; None unless two of ``x`` (n,) differ.

    The slope minimises the sum of |r_i - r_j| over all pairs of residuals: it is the median of the slopes
    of all pairs, each weighted by its distance in x (Jaeckel 1972, Annals of Mathematical Statistics
    43:1449, with Wilcoxon's scores). With normal noise it is 95 % as efficient as least squares. The
    intercept is the median residual.
    """
    first, second = np.triu_indices(len(x), 1)
    across = np.abs(x[second] - x[first])
    apart = across > 0
    if not apart.any():
        return None
    slopes = (y[second] - y[first])[apart] / (x[second] - x[first])[apart]
    slope = _weighted_median(slopes, across[apart])
    return Line(float(np.median(y - slope * x)), slope)


def _weighted_median(values: Array, weights: Array) -> float:
    """Return the smallest value up to which at least half of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
