"""Where names stand beside their points: none over another name or another point, none out of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from leaderboards.web.charts.axis import Shown

NAME = 18
"""How many letters of a name are shown."""
_MOST = 12
_LINE, _LETTER, _GAP = 15.0, 7.2, 3.0
"""The height of a line, the width of a wide letter and the distance between things, in pixels."""


@dataclass(frozen=True)
class Spot:
    """A point to be named: its position in per cent, its radius in pixels, the letters of its name."""

    x: float
    y: float
    radius: float
    letters: int


@dataclass(frozen=True)
class Label:
    """A name relative to its point, in pixels; ``shown`` says on which screens there is room for it."""

    anchor: Literal["start", "end"] = "start"
    dx: float = 0.0
    dy: float = 0.0
    shown: Shown = ""


@dataclass(frozen=True)
class _Box:
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True)
class _Screen:
    """The inside of a plot in pixels: the least width for which the style shows its names."""

    width: float
    height: float

    def disc(self, spot: Spot) -> _Box:
        x, y, reach = self.width * spot.x / 100, self.height * spot.y / 100, spot.radius + 1
        return _Box(x - reach, x + reach, y - reach, y + reach)

    def text(self, spot: Spot, label: Label) -> _Box:
        x, base = self.width * spot.x / 100 + label.dx, self.height * spot.y / 100 + label.dy
        long = min(spot.letters, NAME) * _LETTER + _GAP
        left = x if label.anchor == "start" else x - long
        return _Box(left - _GAP, left + long, base - _LINE + 3, base + 4)

    def holds(self, box: _Box) -> bool:
        return box.left >= -_GAP and box.right <= self.width + _GAP and box.bottom <= self.height


_WIDE, _NARROW = _Screen(600, 340), _Screen(265, 275)


def place_names(spots: Sequence[Spot], wanted: Sequence[int]) -> dict[int, Label]:
    """Place names of the ``wanted`` spots, given by number and most important first; others have none."""
    taken: dict[_Screen, list[_Box]] = {_WIDE: [], _NARROW: []}
    labels: dict[int, Label] = {}
    for number in wanted:
        if len(labels) >= _MOST:
            break
        found = _place(spots, number, taken)
        if found:
            labels[number] = found
            for screen in (_WIDE, _NARROW) if found.shown == "always" else (_WIDE,):
                taken[screen].append(screen.text(spots[number], found))
    return labels


def _place(spots: Sequence[Spot], number: int, taken: dict[_Screen, list[_Box]]) -> Label | None:
    """Return the first place that is free on all screens, or else the first that is free on wide ones."""
    wide_only = None
    for anchor, dx, dy in _places(spots[number].radius):
        free = [
            screen
            for screen in (_WIDE, _NARROW)
            if _free(screen, screen.text(spots[number], Label(anchor, dx, dy)), spots, number, taken[screen])
        ]
        if len(free) == 2:
            return Label(anchor, dx, dy, "always")
        if _WIDE in free and wide_only is None:
            wide_only = Label(anchor, dx, dy, "wide")
    return wide_only


def _places(radius: float) -> Iterator[tuple[Literal["start", "end"], float, float]]:
    """Above to the left, where no better point can be, then the three other corners, then beside."""
    near = round(0.7 * radius, 1)
    yield "end", -near - 2, -near - 4
    yield "start", near + 2, -near - 4
    yield "start", near + 2, near + 14
    yield "end", -near - 2, near + 14
    yield "start", radius + 6, 4.0
    yield "end", -radius - 6, 4.0


def _free(screen: _Screen, box: _Box, spots: Sequence[Spot], number: int, taken: Sequence[_Box]) -> bool:
    others = (screen.disc(spot) for other, spot in enumerate(spots) if other != number)
    return screen.holds(box) and not any(map(box.meets, taken)) and not any(map(box.meets, others))
