"""A straight line through measured times that disturbances, which only ever add time, do not move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

if TYPE_CHECKING:
    from harness.spec import Array

UNDISTURBED = 0.1
"""The quantile of the residuals on which the line lies; interference only ever adds to a time."""


@dataclass(frozen=True)
class Line:
    """``intercept`` + ``slope`` x."""

    intercept: float
    slope: float


def undisturbed_line(x: Array, y: Array, share: float = UNDISTURBED) -> Line | None:
    """Fit the line below which ``share`` of the points lie, on both sides of the middle of ``x`` alike.

    The median line of Brown and Mood (1951, Second Berkeley Symposium, p. 159) with a low quantile in place
    of the median: the slope at which the residuals of small and of large ``x`` (n,) have equal quantiles.
    None unless two of ``x`` differ.
    """
    if not len(x) or x.min() == x.max():
        return None
    low = x <= (x.min() + x.max()) / 2
    slopes = (y[~low][:, None] - y[low]) / (x[~low][:, None] - x[low])

    def apart(slope: float) -> float:
        residuals = y - slope * x
        return float(np.quantile(residuals[~low], share) - np.quantile(residuals[low], share))

    least, most = float(slopes.min()), float(slopes.max())
    slope = float(optimize.brentq(apart, least - 1, most + 1))
    return Line(float(np.quantile(y - slope * x, share)), slope)
