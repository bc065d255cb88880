"""Draw one evaluation as PNG files: latencies as a histogram and over time, memory over time."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.record.series import MemorySample, latency_histogram, phase_spans

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from harness.record import Timing
    from harness.spec import Array

_SUBMISSION, _REFERENCE, _GREY = "#0b6e99", "#d9730d", "#8a8a8a"


def draw(timings: Sequence[Timing], samples: Sequence[MemorySample], name: str) -> Mapping[str, bytes]:
    """Return PNG bytes by file name; what was not measured is not drawn."""
    pictures: dict[str, bytes] = {}
    if timings:
        pictures["latency_histogram.png"] = picture(lambda axes: _histogram(axes, timings, name))
        pictures["latency_over_time.png"] = picture(lambda axes: _over_time(axes, timings, name))
    if samples:
        pictures["memory_timeline.png"] = picture(lambda axes: _memory(axes, samples, name))
    return pictures


def picture(paint: Any) -> bytes:
    """Return the PNG bytes of what ``paint(axes)`` draws."""
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
    bins = latency_histogram(*_times_ms(timings))
    edges = bins.edges_ms.tolist()
    axes.stairs(bins.reference, edges, fill=True, color=_REFERENCE, alpha=0.45, label="reference")
    axes.stairs(bins.submission, edges, fill=True, color=_SUBMISSION, alpha=0.75, label=name)
    axes.set(xscale="log", xlabel="time of a query (log scale)", ylabel="share of requests", title="Latency")
    label_in_ms(axes.xaxis)
    axes.legend(frameon=False)


def _times_ms(timings: Sequence[Timing]) -> tuple[Array, Array]:
    """Return the time a query (n,) in ms, of the submission and of the reference, for each request."""
    submission = np.array([timing.submission_ns / timing.count for timing in timings]) / 1e6
    reference = np.array([timing.reference_ns / timing.count for timing in timings]) / 1e6
    return submission, reference


def label_in_ms(axis: Axis) -> None:
    """Label a logarithmic axis with round numbers of ms that a person reads: 6 ms, not 6 x 10^0."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    low, high = axis.get_view_interval()
    steps = (1.0, 2.0, 5.0) if high < 1000 * low else (1.0,)
    axis.set_major_locator(MaxNLocator(6) if high < 10 * low else LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g} ms"))
    axis.set_minor_formatter(NullFormatter())


def _over_time(axes: Axes, timings: Sequence[Timing], name: str) -> None:
    order = np.arange(len(timings))
    submission, reference = _times_ms(timings)
    axes.plot(order, reference, ".", ms=3, color=_REFERENCE, label="reference")
    axes.plot(order, submission, ".", ms=3, color=_SUBMISSION, label=name)
    for number in range(1, len(timings)):
        if timings[number].process != timings[number - 1].process:
            axes.axvline(number - 0.5, color=_GREY, linewidth=0.6, linestyle=":")
    axes.set(
        yscale="log", xlabel="requests in order (dotted: a fresh process)", ylabel="time of a query (log)",
        title="Latency over time",
    )  # fmt: skip
    label_in_ms(axes.yaxis)
    axes.legend(frameon=False)


def _memory(axes: Axes, samples: Sequence[MemorySample], name: str) -> None:
    times, memory = [sample.seconds for sample in samples], [sample.memory_mb for sample in samples]
    axes.fill_between(times, memory, color=_SUBMISSION, alpha=0.25)
    axes.plot(times, memory, color=_SUBMISSION, linewidth=1.2)
    top = max(memory)
    for span in phase_spans(samples):
        axes.axvline(span.start, color=_GREY, linewidth=0.6, linestyle=":")
        axes.text(span.start, top * 1.02, f" {span.name.replace('_', ' ')}", fontsize=8, rotation=30)
    axes.set(
        xlabel="seconds since the start", ylabel="MB resident", ylim=(0, top * 1.2), title=f"Memory: {name}"
    )
