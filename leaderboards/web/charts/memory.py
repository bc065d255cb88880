"""Memory of the process tree over time, with the phases it went through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.record.series import MemorySample, phase_spans
from leaderboards.web.charts.axis import Axis, Tick

_MOST_POINTS = 400
_ROOM_A_LETTER = {"always": 2.5, "wide": 1.3}
"""Per cent of the plot on a phone, and on a wide screen."""


@dataclass(frozen=True)
class Stage:
    """A phase's place on the axis of time, in per cent; ``named`` says where there is room for its name."""

    name: str
    x: float
    width: float
    named: Literal["", "wide", "always"]


@dataclass(frozen=True)
class Timeline:
    """``line`` and ``area`` are SVG paths in a box of 100 by 100."""

    line: str
    area: str
    stages: tuple[Stage, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    summary: str


def timeline(samples: Sequence[MemorySample]) -> Timeline:
    """Draw at least two samples, in order of time."""
    time = Axis(samples[0].seconds, max(samples[-1].seconds, samples[0].seconds + 1e-3))
    memory = Axis.around([sample.memory_mb for sample in samples], zero=True, down=True)
    places = [(time.at(sample.seconds), memory.at(sample.memory_mb)) for sample in _thinned(samples)]
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in places)
    peak = max(samples, key=lambda sample: sample.memory_mb)
    return Timeline(
        line=line,
        area=f"{line}L{places[-1][0]:g} 100L{places[0][0]:g} 100Z",
        stages=_stages(samples, time),
        x_ticks=time.ticks(),
        y_ticks=memory.ticks(4),
        summary=f"{samples[-1].seconds - samples[0].seconds:,.1f} s watched; the most was "
        f"{peak.memory_mb:,.0f} MB during {peak.phase.replace('_', ' ')}",
    )


def _thinned(samples: Sequence[MemorySample]) -> Sequence[MemorySample]:
    """Of every stretch the largest sample, so that no peak is lost."""
    if len(samples) <= _MOST_POINTS:
        return samples
    stretch = -(-len(samples) // _MOST_POINTS)
    parts = [samples[start : start + stretch] for start in range(0, len(samples), stretch)]
    return [max(part, key=lambda sample: sample.memory_mb) for part in parts]


def _stages(samples: Sequence[MemorySample], time: Axis) -> tuple[Stage, ...]:
    stages = []
    for span in phase_spans(samples):
        x = time.at(span.start)
        width = round(time.at(span.end) - x, 2)
        stages.append(Stage(span.name.replace("_", " "), x, width, _named(span.name, width)))
    return tuple(stages)


def _named(phase: str, width: float) -> Literal["", "wide", "always"]:
    if width < len(phase) * _ROOM_A_LETTER["wide"]:
        return ""
    return "always" if width >= len(phase) * _ROOM_A_LETTER["always"] else "wide"
