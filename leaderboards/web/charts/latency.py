"""How long requests took: the submission's histogram over the reference's, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.record.series import latency_histogram
from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.numbers import number

if TYPE_CHECKING:
    from harness.spec import Array


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
    bins = latency_histogram(mine, theirs)
    axis = Axis(float(bins.edges_ms[0]), float(bins.edges_ms[-1]), log=True)
    top = float(max(bins.submission.max(), bins.reference.max())) * 1.08
    places = [axis.at(float(edge)) for edge in bins.edges_ms]
    return Histogram(
        ticks=axis.ticks(),
        mine=tuple(
            Block(left, round(right - left, 2), round(100 * float(share) / top, 2))
            for left, right, share in zip(places, places[1:], bins.submission, strict=False)
            if share
        ),
        theirs=_outline(places, [100 - 100 * float(share) / top for share in bins.reference])
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
