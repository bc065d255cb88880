"""Values measured over several processes: how uncertain they are, and which of them are told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from harness.spec import Array


@dataclass(frozen=True)
class Spread:
    """The standard error of a value's logarithm over processes, and its degrees of freedom."""

    log_se: float
    df: float

    @classmethod
    def of(cls, low: float | None, high: float | None, processes: int) -> Spread | None:
        """Take it from a 95 % interval over processes; None where there is none, or it reaches zero."""
        if low is None or high is None or not 0 < low < high < math.inf or processes < 2:
            return None
        reach = -float(special.stdtrit(processes - 1, 0.025))
        return cls(math.log(high / low) / 2 / reach, processes - 1.0)


@dataclass(frozen=True)
class Spreads:
    """Those of the entries of a board: ``errors`` (n,) and ``degrees`` (n,), NaN where an entry has none.

    Differences within ``margin`` (0.03: 3 %) do not count.
    """

    errors: Array
    degrees: Array
    margin: float

    @property
    def known(self) -> Array:
        """Say which entries have one (n,)."""
        return np.asarray(np.isfinite(self.errors))

    def behind(self, values: Array, leader: int) -> Array:
        """Return normal deviates (n - leader,) of how much more than the margin each entry is behind.

        Welch's t on the log scale. 0 where only one of the two has a spread: they are not told apart.
        """
        t, degrees = self._t(values, leader, -math.log1p(self.margin))
        deviates = -special.ndtri(np.minimum(special.stdtr(degrees, -np.maximum(t, 0.0)), 0.5))
        return np.where(np.isfinite(t), deviates, 0.0)

    def as_good(self, values: Array, leader: int, level: float) -> Array:
        """Say which entries (n - leader,) are shown to be behind by less than the margin."""
        t, degrees = self._t(values, leader, -math.log1p(self.margin))
        return np.asarray(np.isfinite(t) & (t < special.stdtrit(degrees, level)))

    def _t(self, values: Array, leader: int, shift: float) -> tuple[Array, Array]:
        """Student's t of the distance from the leader, moved by ``shift``, with its degrees of freedom."""
        squares = self.errors**2
        variance = squares[leader] + squares[leader:]
        parts = squares[leader] ** 2 / self.degrees[leader] + squares[leader:] ** 2 / self.degrees[leader:]
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.abs(np.log(np.abs(values[leader:])) - np.log(abs(values[leader])))
            return (apart + shift) / np.sqrt(variance), variance**2 / parts
