"""Memory of the process tree over time, with the phases it went through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.record.series import MemorySample, phase_spans
from leaderboards.web.charts.axis import Axis, Shown, Tick

_MOST_POINTS = 400
_LETTER_WIDTH = {"always": 2.5, "wide": 1.3}
"""The width of a letter in per cent of the plot, on a phone and on a wide screen."""


@dataclass(frozen=True)
class PhaseBand:
    """A phase in per cent of the time axis; ``label`` says on which screens its name is shown."""

    name: str
    x: float
    width: float
    label: Shown


@dataclass(frozen=True)
class MemoryPlot:
    """``line`` and ``area`` are SVG paths in a box of 100 by 100."""

    line: str
    area: str
    phases: tuple[PhaseBand, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    summary: str


def memory_plot(samples: Sequence[MemorySample]) -> MemoryPlot | None:
    """Draw samples in order of time; None for fewer than two."""
    if len(samples) < 2:
        return None
    time = Axis(samples[0].seconds, max(samples[-1].seconds, samples[0].seconds + 1e-3))
    memory = Axis.around([sample.memory_mb for sample in samples], zero=True, down=True)
    points = [(time.at(sample.seconds), memory.at(sample.memory_mb)) for sample in _thinned(samples)]
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    peak = max(samples, key=lambda sample: sample.memory_mb)
    return MemoryPlot(
        line=line,
        area=f"{line}L{points[-1][0]:g} 100L{points[0][0]:g} 100Z",
        phases=_bands(samples, time),
        x_ticks=time.ticks(),
        y_ticks=memory.ticks(4),
        summary=f"Sampled for {samples[-1].seconds - samples[0].seconds:,.1f} s; the peak was "
        f"{peak.memory_mb:,.0f} MB in phase {peak.phase.replace('_', ' ')}",
    )


def _thinned(samples: Sequence[MemorySample]) -> Sequence[MemorySample]:
    """Take the largest sample of every few, so that no peak is lost."""
    if len(samples) <= _MOST_POINTS:
        return samples
    size = -(-len(samples) // _MOST_POINTS)
    groups = [samples[start : start + size] for start in range(0, len(samples), size)]
    return [max(group, key=lambda sample: sample.memory_mb) for group in groups]


def _bands(samples: Sequence[MemorySample], time: Axis) -> tuple[PhaseBand, ...]:
    bands = []
    for span in phase_spans(samples):
        x = time.at(span.start)
        width = round(time.at(span.end) - x, 2)
        bands.append(PhaseBand(span.name.replace("_", " "), x, width, _label(span.name, width)))
    return tuple(bands)


def _label(phase: str, width: float) -> Shown:
    if width < len(phase) * _LETTER_WIDTH["wide"]:
        return ""
    return "always" if width >= len(phase) * _LETTER_WIDTH["always"] else "wide"
