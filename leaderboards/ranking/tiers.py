"""The tiers of a sorted board: the tests behind shared ranks.

Paired tests compare the leader of a tier with every entry below it; the first entry that is significantly
worse opens the next tier. The leader was not chosen beforehand: it is the best of many, and the best of
many equal entries looks better than it is. Its lead over the worst of m equal entries is their range, so
the bar is that of Tukey and Kramer: the upper quantile of the range of m normals, which also bounds the
range of correlated and unequal entries (Hayter 1984, Annals of Statistics 12:61). Holm's bar, for a leader
chosen beforehand, is lower and tells equal entries apart on 29 % of boards of 30. The bar is stepped down:
entries told apart from the leader are taken out of the m until no further entry is. Entries that differ
from one another far less than from the leader count once, so that copies of an entry do not raise the bar.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

from harness.stats import Leads, equivalent_z
from leaderboards.ranking.spread import Spreads

if TYPE_CHECKING:
    from harness.spec import Array


NEAR = 0.25
"""Entries count once where they differ by at most this share of what they differ from the leader."""


FEWEST = 5
"""From so many clusters on an entry of the worst value stands below all others."""


@dataclass(frozen=True)
class Evidence:
    """How many clusters were resampled, and the most that one scored unit can change the metric."""

    clusters: int = 0
    unit: float = 0.0


@dataclass(frozen=True)
class Field:
    """The entries of a board in order, best first; more is better.

    ``values`` (n,); ``deviations`` (n, b) of the bootstrap draws from their mean; ``drawn`` (n,) says which
    entries have draws, ``tested`` (n,) of which they can be used; ``competing`` (n,) is False where an entry
    neither leads nor opens a tier. ``worst`` is the value below which none can be. Entries without draws may
    have ``spreads`` over processes.
    """

    values: Array
    deviations: Array
    drawn: Array
    tested: Array
    competing: Array
    evidence: Evidence
    spreads: Spreads
    worst: float = -math.inf

    @property
    def clusters(self) -> int:
        """How many clusters were resampled."""
        return self.evidence.clusters

    @cached_property
    def squares(self) -> Array:
        """Squared deviations (n, b)."""
        return self.deviations**2

    @cached_property
    def second(self) -> Array:
        """The second central moment (n,) of each entry's draws."""
        second: Array = self.squares.mean(axis=1)
        return second

    @cached_property
    def third(self) -> Array:
        """The third central moment (n,) of each entry's draws."""
        third: Array = np.einsum("ib,ib->i", self.squares, self.deviations) / self.deviations.shape[1]
        return third


@dataclass(frozen=True)
class Tier:
    """Positions ``start`` to ``stop`` (exclusive) of a field, led by ``start``.

    ``behind`` (n - start,) is how far each position from ``start`` on is behind the leader, as a normal
    deviate; a position beyond ``bar`` is significantly worse. ``leads`` are the leads themselves.
    """

    start: int
    stop: int
    leads: Leads
    behind: Array
    bar: float


def tiers(field: Field, level: float) -> Iterator[Tier]:
    """Yield the tiers from the top, on demand. ``field`` must not be empty."""
    n = len(field.values)
    competitors = np.flatnonzero(field.competing)
    start = int(competitors[0]) if len(competitors) else n
    while start < n:
        leads = _leads(field, start)
        behind = _behind(field, start, leads, level)
        bar = _bar(field, start, behind, level)
        worse = np.flatnonzero(_equals_behind(field, start, behind) > bar)
        stop = start + int(worse[0]) if len(worse) else n
        yield Tier(start, stop, leads, behind, bar)
        start = stop


def _behind(field: Field, leader: int, leads: Leads, level: float) -> Array:
    """Return normal deviates (n - leader,) of the lead; infinite where values differ but have no draws."""
    drawn = field.drawn[leader] & field.drawn[leader:]
    tested = field.tested[leader] & field.tested[leader:]
    untested = np.where((leads.value == 0) | (drawn & ~tested), 0.0, np.inf)
    spread_known = field.spreads.known[leader] | field.spreads.known[leader:]
    untested = np.where(spread_known, field.spreads.behind(field.values, leader), untested)
    nothing = (field.values[leader:] == field.worst) & (leads.value > 0)
    if field.clusters < FEWEST:
        nothing &= ~drawn
    if 2.0 ** (1 - field.clusters) > level:
        # So few clusters never tell tested entries apart (see paired_difference).
        behind = np.where(drawn, 0.0, untested)
    else:
        varies = tested & (leads.spread > 0)
        spread = np.where(varies, leads.spread, 1.0)
        deviates = equivalent_z(leads.value, spread, leads.skewness, field.clusters, leads.draws)
        behind = np.where(varies, deviates, untested)
    return np.where(nothing, np.inf, behind)


def _leads(field: Field, leader: int) -> Leads:
    """Return how far the leader is ahead of the entries from it on (n - leader,)."""
    lead = field.values[leader] - field.values[leader:]
    here, below = field.deviations[leader], field.deviations[leader:]
    draws = len(here)
    # Moments of x - y without forming the differences, for the leader x and all rows y at once.
    xy, xxy = (below @ np.stack([here, here**2], axis=1) / draws).T
    xyy = field.squares[leader:] @ here / draws
    second, third = field.second[leader:], field.third[leader:]
    spread = np.sqrt(np.maximum(second[0] - 2 * xy + second, 0))
    asymmetry = third[0] - 3 * xxy + 3 * xyy - third
    varies = spread > 1e-6 * np.sqrt(second[0])
    skewness = np.where(varies, asymmetry / np.where(varies, spread, 1.0) ** 3, 0.0)
    evidence = field.evidence
    return Leads(lead, np.where(varies, spread, 0.0), skewness, evidence.clusters, draws, evidence.unit)


def _equals_behind(field: Field, leader: int, behind: Array) -> Array:
    """Return for each position the least that a competitor of the same value is behind the leader.

    A tier never ends between equal values, whatever their draws: identical entries share their rank.
    """
    _, group = np.unique(field.values[leader:], return_inverse=True)
    least = np.full(group.max() + 1, np.inf)
    competing = field.competing[leader:]
    np.minimum.at(least, group[competing], behind[competing])
    return np.where(competing, least[group], -np.inf)


def _bar(field: Field, leader: int, behind: Array, level: float) -> float:
    """Return the deviate beyond which an entry is significantly worse than the leader."""
    spread = field.spreads.known[leader:]
    rivals = np.flatnonzero((field.tested[leader:] | spread) & field.competing[leader:])
    while True:
        distinct = _distinct(field, leader, leader + rivals[~spread[rivals]])
        bar = range_bar(_two_figures(max(distinct + int(spread[rivals].sum()), 2)), level)
        kept = rivals[behind[rivals] <= bar]
        if len(kept) == len(rivals):
            return bar
        rivals = kept


def _distinct(field: Field, leader: int, positions: Array) -> int:
    """Count the entries at these positions, near-identical ones once; the leader is always one of its own."""
    if not len(positions):
        return 0
    below = field.deviations[positions]
    products = below @ below.T / below.shape[1]
    squares = np.diag(products)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0))
    from_leader = np.sqrt(((below - field.deviations[leader]) ** 2).mean(axis=1))
    near = apart <= NEAR * from_leader[:, None] + 1e-9 * np.sqrt(squares)[:, None]
    seen = np.zeros(len(positions), bool)
    count = 0
    for row, alike in enumerate(near):
        if not seen[row]:
            count += 1
            seen |= alike
    return count


def _two_figures(m: int) -> int:
    """Round m up to two significant figures, so that a large board needs few different bars."""
    step = int(10 ** max(len(str(m)) - 2, 0))
    return -(-m // step) * step


@cache
def range_bar(m: int, level: float) -> float:
    """Return z such that the range of m standard normals exceeds sqrt(2) z with probability ``level``.

    For two it is the two-sided normal quantile, 1.96 at 5 %; for 30 it is 3.75.
    """
    lowest = np.linspace(-9.0, 9.0, 241)
    weight = m * np.exp(-(lowest**2) / 2) / np.sqrt(2 * np.pi) * (lowest[1] - lowest[0])

    def excess(z: float) -> float:
        within = special.ndtr(lowest + np.sqrt(2) * z) - special.ndtr(lowest)
        return float(1 - level - np.sum(weight * within ** (m - 1)))

    return float(optimize.brentq(excess, 0.01, 10.0))
