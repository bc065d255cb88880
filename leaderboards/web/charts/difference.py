"""Pictures of a comparison: the difference of two scores over its bootstrap draws, the ratio of two times."""

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
class DifferencePlot:
    """A difference with its interval, in per cent of a symmetric axis with zero in the middle.

    ``blocks`` are the histogram of its bootstrap draws.
    """

    at: float
    low: float
    high: float
    ticks: tuple[Tick, ...]
    blocks: tuple[Block, ...]

    @property
    def width(self) -> float:
        """The width of the interval in per cent."""
        return round(self.high - self.low, 2)


def difference_plot(difference: Difference, draws: Array, *, less_is_better: bool) -> DifferencePlot:
    """Draw a difference a - b with its bootstrap draws (b,); where a is better, it lies to the right."""
    ends = (difference.value, difference.low or 0.0, difference.high or 0.0)
    reach = max(*(abs(end) for end in ends), float(np.abs(draws).max(initial=0.0))) * 1.08 or 1.0
    axis = Axis(-reach, reach, down=less_is_better)
    counts, edges = np.histogram(draws, np.linspace(-reach, reach, _BINS + 1))
    most = int(counts.max(initial=1)) or 1
    low, high = sorted(
        axis.at(difference.value if end is None else end) for end in (difference.low, difference.high)
    )
    blocks = []
    for left, right, count in zip(edges, edges[1:], counts, strict=False):
        if count:
            x = min(axis.at(float(left)), axis.at(float(right)))
            blocks.append(Block(x, round(100 / _BINS, 2), round(100 * count / most, 2)))
    return DifferencePlot(axis.at(difference.value), low, high, axis.ticks(5), tuple(blocks))


@dataclass(frozen=True)
class RatioPlot:
    """A ratio with its interval, in per cent of a logarithmic axis with 1 (the same time) in the middle.

    ``margin`` is the distance to both sides within which times count as equal.
    """

    at: float
    low: float
    high: float
    margin: float
    ticks: tuple[Tick, ...]

    @property
    def width(self) -> float:
        """The width of the interval in per cent."""
        return round(self.high - self.low, 2)


def ratio_plot(ratio: Ratio, margin: float) -> RatioPlot:
    """Draw the time of a over the time of b; where a is faster, it lies to the right."""
    low, high = (ratio.value if end is None else end for end in (ratio.low, ratio.high))
    reach = max(*(abs(math.log(end)) for end in (ratio.value, low, high)), math.log1p(margin) * 3) * 1.25
    axis = Axis(math.exp(-reach), math.exp(reach), log=True, down=True)
    return RatioPlot(
        at=axis.at(ratio.value),
        low=axis.at(high),
        high=axis.at(low),
        margin=round(axis.at(1 / (1 + margin)) - 50, 2),
        ticks=axis.ticks(5),
    )
