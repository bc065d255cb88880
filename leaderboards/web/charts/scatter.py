"""Score against latency or memory, with the Pareto front; the third quantity is the size of a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardSpec
from leaderboards.web.charts.axis import Axis, Shown, Tick

LATENCY, RATIO, MEMORY = "latency_p50_ms", "latency_ratio", "memory_peak_mb"
SMALLEST, LARGEST = 5.0, 17.0
"""Radii in pixels."""
NAME, TURN = 18, 20.0
"""How many letters of a name are shown; from which x (per cent) on it is to the left of its point."""
_MOST_NAMES = 9
_LINE, _WIDE_LETTER, _NARROW_LETTER = 5.5, 0.75, 2.3
"""The height of a line and the width of a letter in per cent, on wide and on narrow screens."""
NameBox: TypeAlias = tuple[int, float, float]
"""The number of letters of a name, and x and y of its point."""


@dataclass(frozen=True)
class Point:
    """One entry: its position in per cent from the left and the top, its radius in pixels.

    ``named`` says on which screens there is room for its name.
    """

    row: Row
    x: float
    y: float
    radius: float
    named: Shown

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
    """Return the columns that may be chosen for the horizontal axis."""
    columns = {column.name: column for column in spec.columns}
    measured = [columns[name] for name in (LATENCY, RATIO, MEMORY) if name in columns]
    return (*measured, *(column for column in spec.columns if column.axis and column != spec.metric))


def scatter(rows: Sequence[Row], spec: BoardSpec, across: Column) -> Scatter | None:
    """Draw the rows that have a rank and both values; None where fewer than two do."""
    up, other = spec.metric, LATENCY if across.name == MEMORY else MEMORY
    size = next((column for column in spec.columns if column.name == other), None)
    drawn = [
        (row, x, y)
        for row in rows
        if (row.rank is not None or row.pareto)
        and (x := row.cell(across.name).value) is not None
        and (y := row.cell(up.name).value) is not None
    ]
    if len(drawn) < 2:
        return None
    x_axis = Axis.around([x for _, x, _ in drawn], log=True)
    y_axis = Axis.around([y for _, _, y in drawn], down=up.goal == "max")
    sizes = [row.cell(size.name).value or 0.0 for row, _, _ in drawn] if size else []
    largest = max(sizes, default=0.0)
    names: list[NameBox] = []
    points = []
    for number, (row, x, y) in enumerate(drawn):
        position = x_axis.at(x), y_axis.at(y)
        radius = _radius(sizes[number], largest) if size else SMALLEST
        points.append(Point(row, *position, radius, _place_name(row, position, names)))
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


def _place_name(row: Row, position: tuple[float, float], names: list[NameBox]) -> Shown:
    """Say where there is room for the name of an entry on the front, and add it to the names shown."""
    if not row.pareto or len(names) >= _MOST_NAMES:
        return ""
    box = (min(len(row.entry.name), NAME), *position)
    if any(_overlap(box, other, _WIDE_LETTER) for other in names):
        return ""
    narrow = any(_overlap(box, other, _NARROW_LETTER) for other in names)
    names.append(box)
    return "wide" if narrow else "always"


def _overlap(box: NameBox, other: NameBox, letter: float) -> bool:
    """Say whether two names overlap where a letter is that many per cent wide."""
    if abs(box[2] - other[2]) > _LINE:
        return False
    (left, right), (first, last) = (
        (x, x + letters * letter) if x <= TURN else (x - letters * letter, x)
        for letters, x, _ in (box, other)
    )
    return left < last and first < right


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
