"""The difference of two scores: its interval, over the histogram of the replicates it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.stats import Difference
from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.charts.latency import Block

if TYPE_CHECKING:
    from harness.spec import Array

_BINS = 41


@dataclass(frozen=True)
class Gap:
    """In per cent of a symmetric axis whose middle is zero: no difference."""

    at: float
    low: float
    high: float
    ticks: tuple[Tick, ...]
    blocks: tuple[Block, ...]

    @property
    def width(self) -> float:
        """Of the interval."""
        return round(self.high - self.low, 2)


def gap(difference: Difference, draws: Array, *, less_is_better: bool) -> Gap:
    """``draws`` (b,) are replicates of a - b; where a is better, it lies to the right."""
    ends = (difference.value, difference.low or 0.0, difference.high or 0.0)
    reach = max(*(abs(end) for end in ends), float(np.abs(draws).max(initial=0.0))) * 1.08 or 1.0
    axis = Axis(-reach, reach, down=less_is_better)
    counts, edges = np.histogram(draws, np.linspace(-reach, reach, _BINS + 1))
    most = int(counts.max(initial=1)) or 1
    low, high = sorted(
        axis.at(difference.value if end is None else end) for end in (difference.low, difference.high)
    )
    return Gap(
        at=axis.at(difference.value),
        low=low,
        high=high,
        ticks=axis.ticks(5),
        blocks=tuple(
            Block(
                min(axis.at(float(left)), axis.at(float(right))),
                round(100 / _BINS, 2),
                round(100 * n / most, 2),
            )
            for left, right, n in zip(edges, edges[1:], counts, strict=False)
            if n
        ),
    )
