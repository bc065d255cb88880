"""Score against latency or memory, the Pareto front drawn, the third quantity as the size of the points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardSpec
from leaderboards.web.charts.axis import Axis, Tick

LATENCY, RATIO, MEMORY = "latency_p50_ms", "latency_ratio", "memory_peak_mb"
SMALLEST, LARGEST = 5.0, 17.0
NAME, TURN = 18, 20.0
"""The letters of a name that are shown, and from where on (per cent) it stands to the left of its point."""
_MOST_NAMES = 9
_LINE, _WIDE_LETTER, _NARROW_LETTER = 5.5, 0.75, 2.3
Named: TypeAlias = tuple[int, float, float]


@dataclass(frozen=True)
class Point:
    """One entry: its place in per cent from the left and the top, its radius in pixels.

    ``named``: whether there is room for its name, on wide screens only or always.
    """

    row: Row
    x: float
    y: float
    radius: float
    named: Literal["", "wide", "always"]

    @property
    def kind(self) -> str:
        """How it is drawn."""
        if self.row.pareto:
            return "front"
        if self.row.provisional:
            return "provisional"
        return "reference" if self.row.entry.role == "reference" else "behind"


@dataclass(frozen=True)
class Sized:
    """One circle of the key of sizes."""

    radius: float
    label: str


@dataclass(frozen=True)
class Scatter:
    """What is drawn, and by which columns. ``front`` is an SVG path in a box of 100 by 100."""

    across: Column
    up: Column
    size: Column | None
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    front: str
    sizes: tuple[Sized, ...]


def axes_of(spec: BoardSpec) -> tuple[Column, ...]:
    """The columns that may be chosen for the horizontal axis."""
    held = {column.name: column for column in spec.columns}
    return tuple(held[name] for name in (LATENCY, RATIO, MEMORY) if name in held)


def scatter(rows: Sequence[Row], spec: BoardSpec, across: Column) -> Scatter | None:
    """Draw the rows that can rank and have both values; None where fewer than two do."""
    up, other = spec.metric, LATENCY if across.name == MEMORY else MEMORY
    size = next((column for column in spec.columns if column.name == other), None)
    placed = [
        (row, x, y)
        for row in rows
        if (row.rank is not None or row.pareto)
        and (x := row.cell(across.name).value) is not None
        and (y := row.cell(up.name).value) is not None
    ]
    if len(placed) < 2:
        return None
    x_axis = Axis.around([x for _, x, _ in placed], log=True)
    y_axis = Axis.around([y for _, _, y in placed], down=up.goal == "max")
    sizes = [row.cell(size.name).value or 0.0 for row, _, _ in placed] if size else []
    largest = max(sizes, default=0.0)
    named: list[Named] = []
    points = []
    for number, (row, x, y) in enumerate(placed):
        place = x_axis.at(x), y_axis.at(y)
        radius = _radius(sizes[number], largest) if size else SMALLEST
        points.append(Point(row, *place, radius, _take_name(row, place, named)))
    points.sort(key=lambda point: -point.radius)
    return Scatter(
        across=across,
        up=up,
        size=size if largest > 0 else None,
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(5),
        points=tuple(points),
        front=_stairs([(point.x, point.y) for point in points if point.row.pareto]),
        sizes=_key(size, largest) if size and largest > 0 else (),
    )


def _radius(value: float, largest: float) -> float:
    """The area of a point is proportional to its value."""
    share = math.sqrt(value / largest) if largest > 0 else 0.0
    return round(max(SMALLEST, LARGEST * share), 1)


def _take_name(row: Row, place: tuple[float, float], named: list[Named]) -> Literal["", "wide", "always"]:
    """Whether there is room for the name of an entry on the front; remembers it where there is."""
    if not row.pareto or len(named) >= _MOST_NAMES:
        return ""
    letters = min(len(row.entry.name), NAME)
    if any(_meet((letters, *place), other, _WIDE_LETTER) for other in named):
        return ""
    narrow = any(_meet((letters, *place), other, _NARROW_LETTER) for other in named)
    named.append((letters, *place))
    return "wide" if narrow else "always"


def _meet(one: Named, other: Named, letter: float) -> bool:
    """Whether two names overlap where a letter takes that many per cent."""
    if abs(one[2] - other[2]) > _LINE:
        return False
    (left, right), (first, last) = (
        (x, x + letters * letter) if x <= TURN else (x - letters * letter, x)
        for letters, x, _ in (one, other)
    )
    return left < last and first < right


def _stairs(places: Sequence[tuple[float, float]]) -> str:
    """The line from the left up over the places that nothing to the left of them tops (100 is the bottom)."""
    path, best = "", math.inf
    for x, y in sorted(places):
        if y < best:
            path += f"M{x:g} 100V{y:g}" if not path else f"H{x:g}V{y:g}"
            best = y
    return f"{path}H100" if path else ""


def _key(size: Column, largest: float) -> tuple[Sized, ...]:
    scale = 10.0 ** math.floor(math.log10(largest))
    top = next(scale * factor for factor in (5, 2, 1) if scale * factor <= largest * 1.0001)
    values = (top / 10, top / 2, top)
    return tuple(Sized(_radius(value, largest), f"{value:,g} {size.unit}".strip()) for value in values)
