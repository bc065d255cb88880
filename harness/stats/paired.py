"""The paired test of two scores on the same units, from their common replicates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from harness.spec import Array

_ROUNDING = 1e-6
"""Bootstrap draws are kept as float32: a spread below this share of the value is rounding, not spread."""


@dataclass(frozen=True)
class Difference:
    """a - b with its interval (None where nothing can be said) and the two-sided p-value."""

    value: float
    low: float | None
    high: float | None
    p_value: float


def paired_difference(
    a_replicates: Array,
    b_replicates: Array,
    a_value: float,
    b_value: float,
    clusters: int,
    level: float = 0.95,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Difference:
    """Test a - b with the replicates (b,) that both drew from the same resamples of ``clusters``.

    ``bounds`` are the least and the most that either score can be; the interval stays within what their
    difference can be.

    Student's t on the standard deviation of the replicates' difference (see ``equivalent_z``). Under
    k clusters no p-value is below 2 ** (1 - k), the least that flipping the signs of k differences
    can give: five clusters never tell two entries apart at 5 %.
    """
    difference = np.asarray(a_replicates, np.float64) - np.asarray(b_replicates, np.float64)
    value = a_value - b_value
    if clusters < 2 or not np.isfinite(difference).all():
        return Difference(value, None, None, 1.0)
    centred = difference - difference.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    if spread <= _ROUNDING * max(abs(a_value), abs(b_value)):
        p_value = 1.0 if value == 0 else 2.0 ** (1 - clusters)
        return Difference(value, None, None, p_value)
    skewness = float(np.mean(centred**3)) / spread**3
    draws = len(difference)
    z = float(equivalent_z(np.asarray(value), np.asarray(spread), np.asarray(skewness), clusters, draws))
    df = float(effective_degrees(np.asarray(skewness), clusters, draws))
    half = -float(special.stdtrit(df, (1 - level) / 2)) * spread * np.sqrt(clusters / (clusters - 1))
    p_value = max(2 * float(special.ndtr(-abs(z))), 2.0 ** (1 - clusters))
    most = bounds[1] - bounds[0]
    return Difference(value, max(value - half, -most), min(value + half, most), p_value)


def equivalent_z(difference: Array, spread: Array, skewness: Array, clusters: int, draws: int) -> Array:
    """The normal deviate as rare as the t of each difference; arrays of one shape, elementwise.

    ``spread`` and ``skewness`` are those of ``draws`` differences of replicates over k ``clusters``. t
    is the difference over spread sqrt(k / (k - 1)). Its degrees of freedom are the effective number of
    clusters less one: k, or 1 / skewness ** 2 where that is less. When m of the units differ, and all
    one way, that is m, so that a handful of units never makes a lead; the normal would let 4 to 0
    pass, which a coin does once in eight.
    """
    t = difference / (spread * np.sqrt(clusters / (clusters - 1)))
    tail = special.stdtr(effective_degrees(skewness, clusters, draws), -np.abs(t))
    z: Array = np.sign(difference) * -special.ndtri(np.minimum(tail, 0.5))
    return z


def effective_degrees(skewness: Array, clusters: int, draws: int) -> Array:
    """Return the effective number of clusters less one; at least one."""
    # 6 / draws is what the square of a sample's skewness is on average where there is none.
    effective = 1 / np.maximum(skewness**2 - 6 / draws, 1 / clusters)
    degrees: Array = np.maximum(effective - 1, 1.0)
    return degrees
