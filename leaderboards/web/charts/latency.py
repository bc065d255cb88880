"""How long requests took: the submission's histogram over the reference's, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.numbers import number

if TYPE_CHECKING:
    from harness.spec import Array

_BINS = 48


@dataclass(frozen=True)
class Block:
    """One bar in per cent; it stands on the bottom."""

    x: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A value that is pointed at."""

    at: float
    label: str


@dataclass(frozen=True)
class Histogram:
    """Bars of the submission, the outline of the reference as an SVG path in a box of 100 by 100."""

    ticks: tuple[Tick, ...]
    mine: tuple[Block, ...]
    theirs: str
    marks: tuple[Mark, ...]
    count: int
    summary: str


def histogram(mine: Array, theirs: Array, marks: Mapping[str, float]) -> Histogram:
    """``mine`` (n,) and ``theirs`` (m,) are milliseconds, n at least 1."""
    # Its ends hold all but the last thousandth: one stall of a second would squeeze all the rest.
    both = [times for times in (mine, theirs) if len(times)]
    ends = [float(np.quantile(times, share)) for times in both for share in (0.0, 0.999)]
    axis = Axis.around([end for end in ends if end > 0], log=True)
    space = np.geomspace if axis.log else np.linspace
    edges = space(axis.low, axis.high, _BINS + 1)
    heights = [np.histogram(np.clip(times, axis.low, axis.high), edges)[0] / max(len(times), 1)
               for times in (mine, theirs)]  # fmt: skip
    top = max(float(shares.max()) for shares in heights) * 1.08 or 1.0
    places = [axis.at(float(edge)) for edge in edges]
    return Histogram(
        ticks=axis.ticks(),
        mine=tuple(
            Block(left, round(right - left, 2), round(100 * float(share) / top, 2))
            for left, right, share in zip(places, places[1:], heights[0], strict=False)
            if share
        ),
        theirs=_outline(places, [100 - 100 * float(share) / top for share in heights[1]])
        if len(theirs)
        else "",
        marks=tuple(Mark(axis.at(value), name) for name, value in marks.items()),
        count=len(mine),
        summary=f"{len(mine):,} timed requests: median {number(float(np.median(mine)))} ms, "
        f"from {number(float(mine.min()))} to {number(float(mine.max()))} ms",
    )


def _outline(places: list[float], heights: list[float]) -> str:
    steps = "".join(f"V{height:.2f}H{right:g}" for right, height in zip(places[1:], heights, strict=True))
    return f"M{places[0]:g} 100{steps}V100"
