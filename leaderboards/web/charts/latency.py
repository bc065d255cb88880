"""How long requests took: the submission's histogram over the reference's, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from harness.record.series import latency_histogram
from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.numbers import number

if TYPE_CHECKING:
    from harness.record import Measure
    from harness.spec import Array

_LABEL = 9.0
"""The width of a label in per cent, on a narrow screen."""


@dataclass(frozen=True)
class Block:
    """One bar in per cent of the plot, from the bottom up."""

    x: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A labelled value on the axis, in per cent; ``level`` lifts the label above those of close values."""

    at: float
    label: str
    level: int = 0


@dataclass(frozen=True)
class LatencyPlot:
    """Bars of the submission, and the outline of the reference as an SVG path in a box of 100 by 100."""

    ticks: tuple[Tick, ...]
    submission: tuple[Block, ...]
    reference: str
    marks: tuple[Mark, ...]
    count: int
    summary: str


def latency_plot(
    submission_ms: Array, reference_ms: Array, metrics: Mapping[str, Measure]
) -> LatencyPlot | None:
    """Draw the times (n,) and (m,) in ms with the percentiles of a record; None where n is 0."""
    if not len(submission_ms):
        return None
    bins = latency_histogram(submission_ms, reference_ms)
    axis = Axis(float(bins.edges_ms[0]), float(bins.edges_ms[-1]), log=True)
    top = float(max(bins.submission.max(), bins.reference.max())) * 1.08
    edges = [axis.at(float(edge)) for edge in bins.edges_ms]
    bars = [
        Block(left, round(right - left, 2), round(100 * float(share) / top, 2))
        for left, right, share in zip(edges, edges[1:], bins.submission, strict=False)
        if share
    ]
    outline = [100 - 100 * float(share) / top for share in bins.reference]
    percentiles = {name: metrics.get(f"latency_{name}_ms") for name in ("p50", "p90", "p99")}
    low, middle, high = (float(np.quantile(submission_ms, share)) for share in (0, 0.5, 1))
    return LatencyPlot(
        ticks=axis.ticks(),
        submission=tuple(bars),
        reference=_outline(edges, outline) if len(reference_ms) else "",
        marks=_apart(
            Mark(axis.at(bound.value), name)
            for name, bound in percentiles.items()
            if bound and bound.value is not None
        ),
        count=len(submission_ms),
        summary=f"{len(submission_ms):,} timed requests: median {number(middle)} ms, "
        f"from {number(low)} to {number(high)} ms",
    )


def _apart(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Lift each label that would stand over the one before it."""
    placed: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.at):
        close = placed and mark.at - placed[-1].at < _LABEL
        placed.append(replace(mark, level=placed[-1].level + 1 if close else 0))
    return tuple(placed)


def _outline(edges: list[float], heights: list[float]) -> str:
    steps = "".join(f"V{height:.2f}H{right:g}" for right, height in zip(edges[1:], heights, strict=True))
    return f"M{edges[0]:g} 100{steps}V100"
