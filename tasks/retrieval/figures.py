"""The picture of a run: accuracy against examples a class, latency against known classes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from tasks.retrieval.outcome import at_shots, latencies

if TYPE_CHECKING:
    from harness.spec import RunOutcome


def pictures(run: RunOutcome) -> Mapping[str, bytes]:
    """Draw both, as a PNG file by name."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    from harness.figures.measurement import label_in_ms

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    points = at_shots(run)
    value, low, high = np.array(list(points.values())).T
    around = np.maximum([value - low, high - value], 0)
    left.errorbar(list(points), value, around, marker="o", capsize=4, color="#0b6e99")
    left.set(xlabel="examples a class", ylabel="harmonic mean of old and new", title="Accuracy against shots")
    left.set_xscale("log")
    left.set_xticks(list(points), [str(shots) for shots in points])
    times = latencies(run)
    sizes = sorted(times)
    right.plot(sizes, [median(times[size]) for size in sizes], marker="o", color="#d9730d")
    right.set(xlabel="known classes", ylabel="time of a query (median)", title="Latency against classes")
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xticks(sizes, [f"{size:,}" for size in sizes])
    label_in_ms(right.yaxis)
    for axes in (left, right):
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    return {"shots_and_classes.png": stream.getvalue()}
