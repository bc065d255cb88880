"""Whether an entry is shown to be as good as another, or merely not shown to be worse."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.stats import LEVEL, as_good, clusters_needed
from leaderboards.ranking.draws import BootstrapDraws
from leaderboards.ranking.tiers import Field, Tier


@dataclass(frozen=True)
class Scale:
    """What differences of a metric mean: the ``margin`` within which entries are as good, and its ``bounds``.

    Of a metric over processes the margin is a share (0.03: 3 %). Without a margin nobody is shown to be as
    good as the best.
    """

    margin: float | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def unit(self, draws: BootstrapDraws) -> float:
        """Return the most that one scored unit can change the metric; 0 where the metric has no bounds."""
        width = self.bounds[1] - self.bounds[0]
        return width / (draws.units or draws.clusters) if math.isfinite(width) else 0.0


ANY_SCALE = Scale()
"""Of a metric that declares neither."""


@dataclass(frozen=True)
class Parity:
    """How an entry compares with the best of its board and with the leader of its tier.

    ``eligible``: it is the best, or shown to be as good; prizes go to these. ``as_good``: the same beside the
    leader of its tier; where it is False the entry is merely not shown to be worse. ``needed`` is about how
    many clusters would settle that; None where it is settled or cannot be said. ``leads``: it is the leader
    itself. ``nothing``: its value is the worst that the metric can be, which no prize is given for.
    """

    eligible: bool
    as_good: bool
    leads: bool = False
    needed: int | None = None
    nothing: bool = False


class Parities:
    """The comparison of one tier's leader with everything below it."""

    def __init__(self, field: Field, tier: Tier, margin: float | None) -> None:
        self._field = field
        self._start = tier.start
        below = slice(tier.start, None)
        drawn = field.drawn[tier.start] & field.drawn[below]
        tested = field.tested[tier.start] & field.tested[below]
        self._good = ~drawn & (tier.leads.value == 0)
        self._needed = np.full(len(drawn), math.inf)
        if margin is not None:
            self._good |= field.spreads.as_good(field.values, tier.start, LEVEL)
            self._good |= tested & as_good(tier.leads, margin)
            needed = clusters_needed(tier.leads, margin, tier.bar)
            self._needed = np.where(tested & ~self._good, needed, math.inf)

    def of(self, position: int, beside_best: Parities) -> Parity:
        """Return the parity of the entry at a position of the board, led by this tier's leader."""
        at = position - self._start
        needed = float(self._needed[at])
        return Parity(
            eligible=beside_best.good(position),
            as_good=self.good(position),
            leads=at == 0,
            needed=_two_figures(needed) if at and math.isfinite(needed) else None,
            nothing=bool(self._field.values[position] == self._field.worst),
        )

    def good(self, position: int) -> bool:
        """Say whether the entry at a position leads, or is shown to be as good; never for the worst value."""
        at = position - self._start
        worst = self._field.values[position] == self._field.worst
        return not worst and (at == 0 or bool(self._good[at]))


def _two_figures(number: float) -> int:
    step: int = 10 ** max(math.floor(math.log10(number)) - 1, 0)
    return math.ceil(number / step) * step
