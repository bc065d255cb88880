"""The best value of a board over time, as a line of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboards.boards.columns import Column
from leaderboards.web.charts.axis import Axis, Tick
from leaderboards.web.charts.dates import date_ticks


@dataclass(frozen=True)
class Event:
    """A record that came at ``time`` (seconds since 1970); ``best`` where it improved the best value."""

    time: float
    value: float
    record: str
    label: str
    best: bool


@dataclass(frozen=True)
class Dot:
    """One record in per cent of the plot; ``best`` where it improved the best value."""

    x: float
    y: float
    record: str
    label: str
    best: bool


@dataclass(frozen=True)
class StepPlot:
    """``line`` is an SVG path in a box of 100 by 100; dots are in order of time."""

    line: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def step_plot(events: Sequence[Event], column: Column) -> StepPlot | None:
    """Draw events in order of time, the first of them best; None where there is none."""
    if not events:
        return None
    first, last = events[0].time, max(events[-1].time, events[0].time + 60)
    room = (last - first) * 0.04
    time = Axis(first - room, last + room)
    value = Axis.around([event.value for event in events], down=column.goal == "max")
    dots = [
        Dot(time.at(event.time), value.at(event.value), event.record, event.label, event.best)
        for event in events
    ]
    start, *others = [dot for dot in dots if dot.best]
    line = f"M{start.x:g} {start.y:g}" + "".join(f"H{dot.x:g}V{dot.y:g}" for dot in others) + "H100"
    return StepPlot(line=line, dots=tuple(dots), x_ticks=date_ticks(time), y_ticks=value.ticks(5))
