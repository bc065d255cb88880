"""The time of a query over its size: time per unit of size, and the line fitted to each entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Growth
from harness.stats import Line, undisturbed_line
from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.numbers import number

if TYPE_CHECKING:
    from harness.spec import Array

_POINTS = 40
"""At most so many points of an entry are drawn, each the median of queries of similar size."""
_CURVE = 60
_LINE = 4.5
"""The height of a label in per cent: labels that would overlap are moved down."""


@dataclass(frozen=True)
class SizedTimes:
    """The sizes (n,) and times in ns (n,) of the queries that one entry answered."""

    record: str
    name: str
    sizes: Array
    ns: Array


@dataclass(frozen=True)
class Curve:
    """One entry: points in per cent, an SVG path in a box of 100 by 100, where its label stands (``end``)."""

    record: str
    name: str
    points: tuple[tuple[float, float], ...]
    path: str
    end: float
    summary: str


@dataclass(frozen=True)
class Level:
    """A level line in per cent from the top; its label stands above it, or ``below`` one that is close."""

    at: float
    label: str
    below: bool


@dataclass(frozen=True)
class GrowthPlot:
    """What is drawn, on two logarithmic axes."""

    chart: Growth
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    levels: tuple[Level, ...]


def growth_plot(chart: Growth, entries: Sequence[SizedTimes], floor_ns: float | None) -> GrowthPlot | None:
    """Draw time per unit of size; None where no entry has times of two sizes."""
    drawn = [(entry, *_medians(entry), line) for entry in entries if (line := _line(entry))]
    if not drawn:
        return None
    marks = [*chart.marks, *([("roofline", floor_ns)] if floor_ns else [])]
    x_axis = Axis.around(np.concatenate([sizes for _, sizes, *_ in drawn]).tolist(), log=True)
    each = np.concatenate([times for _, _, times, _ in drawn]).tolist()
    y_axis = Axis.around([*each, *(ns for _, ns in marks)], log=True, down=True)
    curves = [_curve(chart, (x_axis, y_axis), *one) for one in drawn]
    return GrowthPlot(
        chart, x_axis.ticks(), y_axis.ticks(), tuple(_apart(curves)), tuple(_levels(y_axis, marks))
    )


def _curve(
    chart: Growth, axes: tuple[Axis, Axis], entry: SizedTimes, sizes: Array, times: Array, line: Line
) -> Curve:
    across = np.geomspace(sizes.min(), sizes.max(), _CURVE)
    fitted = np.maximum(line.slope + line.intercept / across, axes[1].low)
    places, points = _places(axes, across, fitted), _places(axes, sizes, times)
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in places)
    slope, call = number(line.slope), number(line.intercept / 1e3)
    summary = f"{entry.name}: {slope} ns a {chart.unit}, {call} µs a call"
    return Curve(entry.record, entry.name, points, path, places[-1][1], summary)


def _places(axes: tuple[Axis, Axis], xs: Array, ys: Array) -> tuple[tuple[float, float], ...]:
    across, up = axes
    return tuple((across.at(float(x)), up.at(float(y))) for x, y in zip(xs, ys, strict=True))


def _apart(curves: Sequence[Curve]) -> Iterator[Curve]:
    """Move labels that would overlap down, from the top one on."""
    above = -math.inf
    for curve in sorted(curves, key=lambda one: one.end):
        above = max(curve.end, above + _LINE)
        yield replace(curve, end=round(above, 2))


def _levels(axis: Axis, marks: Sequence[tuple[str, float]]) -> Iterator[Level]:
    above = -math.inf
    for label, ns in sorted(marks, key=lambda mark: -mark[1]):
        at = axis.at(ns)
        yield Level(at, f"{label}, {number(ns)} ns", below=at - above < 2 * _LINE)
        above = at


def _line(entry: SizedTimes) -> Line | None:
    line = undisturbed_line(entry.sizes, entry.ns)
    return line if line and line.slope > 0 else None


def _medians(entry: SizedTimes) -> tuple[Array, Array]:
    """Return sizes and times per unit of size, the medians of queries of similar size; size 0 has none."""
    order = np.argsort(entry.sizes, kind="stable")
    order = order[entry.sizes[order] > 0]
    sizes, each = entry.sizes[order], entry.ns[order] / entry.sizes[order]
    bins = np.unique(np.round(np.log(sizes) / np.log(sizes.max() + 1) * _POINTS), return_inverse=True)[1]
    groups = range(bins.max() + 1)
    return (
        np.array([np.median(sizes[bins == group]) for group in groups]),
        np.array([np.median(each[bins == group]) for group in groups]),
    )
