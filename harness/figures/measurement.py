"""Pictures of one evaluation: latencies as a histogram and over time, memory over time. PNG bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.measurement.diagnostics.memory_timeline import Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from harness.record import Timing

_MINE, _THEIRS, _GREY = "#0b6e99", "#d9730d", "#8a8a8a"


def draw(timings: Sequence[Timing], samples: Sequence[Sample], name: str) -> Mapping[str, bytes]:
    """File name -> PNG. What was not measured is not drawn."""
    pictures: dict[str, bytes] = {}
    if timings:
        pictures["latency_histogram.png"] = picture(lambda axes: _histogram(axes, timings, name))
        pictures["latency_over_time.png"] = picture(lambda axes: _over_time(axes, timings, name))
    if samples:
        pictures["memory_timeline.png"] = picture(lambda axes: _memory(axes, samples, name))
    return pictures


def picture(paint: Any) -> bytes:
    """PNG of what ``paint(axes)`` draws."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.2))
    figure.subplots_adjust(left=0.1, right=0.97, bottom=0.14, top=0.9)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    paint(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return stream.getvalue()


def _histogram(axes: Axes, timings: Sequence[Timing], name: str) -> None:
    mine = np.array([t.submission_ns / t.count for t in timings]) / 1e6
    theirs = np.array([t.reference_ns / t.count for t in timings]) / 1e6
    edges = np.geomspace(min(mine.min(), theirs.min()), max(mine.max(), theirs.max()) * 1.001, 60)
    axes.hist(theirs, edges.tolist(), color=_THEIRS, alpha=0.45, label="reference")
    axes.hist(mine, edges.tolist(), color=_MINE, alpha=0.75, label=name)
    axes.set(xscale="log", xlabel="milliseconds a query (log scale)", ylabel="queries", title="Latency")
    axes.legend(frameon=False)


def _over_time(axes: Axes, timings: Sequence[Timing], name: str) -> None:
    order = np.arange(len(timings))
    axes.plot(
        order, [t.reference_ns / t.count / 1e6 for t in timings], ".", ms=3, color=_THEIRS, label="reference"
    )
    axes.plot(order, [t.submission_ns / t.count / 1e6 for t in timings], ".", ms=3, color=_MINE, label=name)
    for number in range(1, len(timings)):
        if timings[number].replicate != timings[number - 1].replicate:
            axes.axvline(number - 0.5, color=_GREY, linewidth=0.6, linestyle=":")
    axes.set(
        yscale="log", xlabel="requests in order (dotted: a fresh process)", ylabel="milliseconds a query",
        title="Latency over time",
    )  # fmt: skip
    axes.legend(frameon=False)


def _memory(axes: Axes, samples: Sequence[Sample], name: str) -> None:
    times = [sample.seconds for sample in samples]
    axes.fill_between(times, [sample.memory_mb for sample in samples], color=_MINE, alpha=0.25)
    axes.plot(times, [sample.memory_mb for sample in samples], color=_MINE, linewidth=1.2)
    top = max(sample.memory_mb for sample in samples)
    phase = ""
    for sample in samples:
        if sample.phase != phase:
            phase = sample.phase
            axes.axvline(sample.seconds, color=_GREY, linewidth=0.6, linestyle=":")
            axes.text(sample.seconds, top * 1.02, f" {phase.replace('_', ' ')}", fontsize=8, rotation=30)
    axes.set(
        xlabel="seconds since the start", ylabel="MB resident", ylim=(0, top * 1.2), title=f"Memory: {name}"
    )
