"""The best value of a board over time, as a line of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from leaderboards.boards.columns import Column
from leaderboards.web.charts.axis import Axis, Tick

_DAY = 86_400


@dataclass(frozen=True)
class Dot:
    """One record in per cent; ``best`` where it moved the line."""

    x: float
    y: float
    record: str
    label: str
    best: bool


@dataclass(frozen=True)
class Steps:
    """``line`` is an SVG path in a box of 100 by 100; dots are in order of time."""

    line: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Event:
    """A record that came at ``time`` (seconds since 1970)."""

    time: float
    value: float
    record: str
    label: str
    best: bool


def steps(events: Sequence[Event], column: Column) -> Steps:
    """Draw at least one event, in order of time, the first of them best."""
    first, last = events[0].time, max(events[-1].time, events[0].time + 60)
    room = (last - first) * 0.04
    time = Axis(first - room, last + room)
    value = Axis.around([event.value for event in events], down=column.goal == "max")
    places = [(time.at(event.time), value.at(event.value)) for event in events]
    best = [place for place, event in zip(places, events, strict=True) if event.best]
    line = f"M{best[0][0]:g} {best[0][1]:g}" + "".join(f"H{x:g}V{y:g}" for x, y in best[1:]) + "H100"
    return Steps(
        line=line,
        dots=tuple(
            Dot(*place, event.record, event.label, event.best)
            for place, event in zip(places, events, strict=True)
        ),
        x_ticks=_dates(time),
        y_ticks=value.ticks(5),
    )


def _dates(axis: Axis, most: int = 4) -> tuple[Tick, ...]:
    """Moments at equal distances: times of day, days or months, by how long all of it is."""
    days = (axis.high - axis.low) / _DAY
    form = "%H:%M" if days < 2 else "%-d %b" if days < 300 else "%b %Y"
    moments = [axis.low + (axis.high - axis.low) * (number + 0.5) / most for number in range(most)]
    labels = [datetime.fromtimestamp(moment, UTC).strftime(form) for moment in moments]
    ticks = [Tick(axis.at(moment), label) for moment, label in zip(moments, labels, strict=True)]
    return tuple(
        on_progress for number, on_progress in enumerate(ticks) if labels.index(on_progress.label) == number
    )
