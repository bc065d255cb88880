"""Score against latency or memory, with the Pareto front; the third quantity is the size of a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Cell, Row
from leaderboards.boards.spec import BoardSpec
from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.charts.labels import Label, Spot, place_names

LATENCY, RATIO, MEMORY = "latency_p50_ms", "latency_ratio", "memory_peak_mb"
SMALLEST, LARGEST = 5.0, 17.0
"""Radii in pixels."""
Line: TypeAlias = tuple[float, float, float, float]
"""x1, y1, x2, y2 in per cent."""


@dataclass(frozen=True)
class Point:
    """One entry: its position in per cent from the left and the top, its radius in pixels.

    ``intervals`` are the 95 % intervals of its two values, where it has some.
    """

    row: Row
    x: float
    y: float
    radius: float
    label: Label
    intervals: tuple[Line, ...]

    @property
    def kind(self) -> str:
        """The style that it is drawn in."""
        if self.row.pareto:
            return "front"
        if self.row.provisional:
            return "provisional"
        return "reference" if self.row.entry.role == "reference" else "behind"


@dataclass(frozen=True)
class SizeKey:
    """One circle of the legend of sizes."""

    radius: float
    label: str


@dataclass(frozen=True)
class Scatter:
    """The drawing and its columns. ``front`` is an SVG path in a box of 100 by 100."""

    across: Column
    up: Column
    size: Column | None
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    front: str
    sizes: tuple[SizeKey, ...]


def axes_of(spec: BoardSpec) -> tuple[Column, ...]:
    """Return the columns that may be chosen for the horizontal axis: first the ratio, which ranks by time."""
    columns = {column.name: column for column in spec.columns}
    measured = [columns[name] for name in (RATIO, LATENCY, MEMORY) if name in columns]
    return (*measured, *(column for column in spec.columns if column.axis and column != spec.metric))


def scatter(rows: Sequence[Row], spec: BoardSpec, across: Column) -> Scatter | None:
    """Draw the rows that have a rank and both values; None where fewer than two do."""
    up, other = spec.metric, LATENCY if across.name == MEMORY else MEMORY
    size = next((column for column in spec.columns if column.name == other), None)
    drawn = [row for row in rows if (row.rank is not None or row.pareto) and _has(row, across, up)]
    if len(drawn) < 2:
        return None
    x_axis = Axis.around([end for row in drawn for end in _ends(row.cell(across.name))], log=True)
    y_axis = Axis.around([end for row in drawn for end in _ends(row.cell(up.name))], down=up.goal == "max")
    sizes = [row.cell(size.name).value or 0.0 for row in drawn] if size else []
    largest = max(sizes, default=0.0)
    spots = [
        Spot(
            x_axis.at(row.cell(across.name).value or 0.0),
            y_axis.at(row.cell(up.name).value or 0.0),
            _radius(sizes[number], largest) if size else SMALLEST,
            len(row.entry.name),
        )
        for number, row in enumerate(drawn)
    ]
    in_order = sorted(range(len(drawn)), key=lambda number: not drawn[number].pareto)
    labels = place_names(spots, in_order)
    points = [
        Point(
            row, spot.x, spot.y, spot.radius, labels.get(number, Label()),
            _intervals(row, spot, (across, x_axis), (up, y_axis)),
        )
        for number, (row, spot) in enumerate(zip(drawn, spots, strict=True))
    ]  # fmt: skip
    points.sort(key=lambda point: -point.radius)
    return Scatter(
        across=across,
        up=up,
        size=size if largest > 0 else None,
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(5),
        points=tuple(points),
        front=_stairs([(point.x, point.y) for point in points if point.row.pareto]),
        sizes=_size_keys(size, largest) if size and largest > 0 else (),
    )


def _radius(value: float, largest: float) -> float:
    """Return a radius in pixels; the area of a point is proportional to its value."""
    share = math.sqrt(value / largest) if largest > 0 else 0.0
    return round(max(SMALLEST, LARGEST * share), 1)


def _has(row: Row, *columns: Column) -> bool:
    return all(row.cell(column.name).value is not None for column in columns)


def _ends(cell: Cell) -> list[float]:
    """Return the value and the ends of its interval, where these can be drawn on any axis."""
    value = cell.value or 0.0
    ends = [end for end in (cell.low, cell.high) if end is not None and (end > 0) == (value > 0)]
    return [value, *ends]


def _intervals(
    row: Row, spot: Spot, across: tuple[Column, Axis], up: tuple[Column, Axis]
) -> tuple[Line, ...]:
    lines: list[Line] = []
    for horizontal, (column, axis) in ((True, across), (False, up)):
        cell = row.cell(column.name)
        if cell.low is None or cell.high is None:
            continue
        low, high = axis.at(cell.low), axis.at(cell.high)
        lines.append((low, spot.y, high, spot.y) if horizontal else (spot.x, low, spot.x, high))
    return tuple(lines)


def _stairs(points: Sequence[tuple[float, float]]) -> str:
    """Draw the line from the left up over the points that no point to their left tops (100 is the bottom)."""
    path, best = "", math.inf
    for x, y in sorted(points):
        if y < best:
            path += f"M{x:g} 100V{y:g}" if not path else f"H{x:g}V{y:g}"
            best = y
    return f"{path}H100" if path else ""


def _size_keys(size: Column, largest: float) -> tuple[SizeKey, ...]:
    scale = 10.0 ** math.floor(math.log10(largest))
    top = next(scale * factor for factor in (5, 2, 1) if scale * factor <= largest * 1.0001)
    values = (top / 10, top / 2, top)
    return tuple(SizeKey(_radius(value, largest), f"{value:,g} {size.unit}".strip()) for value in values)
