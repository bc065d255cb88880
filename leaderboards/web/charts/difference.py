"""The difference of two scores over the histogram of its replicates; the ratio of two times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.stats import Difference, Ratio
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


@dataclass(frozen=True)
class Lane:
    """In per cent of a logarithmic axis with one (the same time) in its middle; ``margin`` to both sides."""

    at: float
    low: float
    high: float
    margin: float
    ticks: tuple[Tick, ...]

    @property
    def width(self) -> float:
        """Of the interval."""
        return round(self.high - self.low, 2)


def lane(ratio: Ratio, margin: float) -> Lane:
    """Time of a over time of b, turned so that a lies to the right where it is faster."""
    ends = [ratio.value if end is None else end for end in (ratio.value, ratio.low, ratio.high)]
    reach = max(*(abs(math.log(end)) for end in ends), math.log1p(margin) * 3) * 1.25
    axis = Axis(math.exp(-reach), math.exp(reach), log=True, down=True)
    return Lane(
        at=axis.at(ratio.value),
        low=axis.at(ends[2]),
        high=axis.at(ends[1]),
        margin=round(axis.at(1 / (1 + margin)) - 50, 2),
        ticks=axis.ticks(5),
    )
