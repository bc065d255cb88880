"""The picture of a stream: accuracy over spans, with the planted drifts and every retraining marked."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tasks.drift.outcome import span_results

if TYPE_CHECKING:
    from harness.spec import RunOutcome


def pictures(run: RunOutcome) -> Mapping[str, bytes]:
    """Draw the first process, as a PNG file by name."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    seen = span_results(run.queries, run.processes[0])
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(range(len(seen.accuracy)), seen.accuracy, marker=".", color="#0b6e99", label="accuracy")
    truths = [query.truth for query in run.queries if query.teach is None]
    for truth in truths:
        if truth.drift:
            axes.axvline(truth.number - 0.5, color="#888888", linestyle="--", linewidth=0.9)
            name = f"{truth.drift.name}, {truth.drift.kind}"
            axes.text(truth.number - 0.5, 1.09, name, rotation=20, fontsize=8, va="bottom")
    for count, span in enumerate(seen.retrained or ()):
        axes.plot(span, 1.03, "v", color="#d9730d", markersize=5, label="" if count else "retraining")
    axes.set(xlabel="span", ylabel="accuracy", ylim=(0, 1.07))
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    figure.legend(frameon=False, loc="outside lower center", ncols=2)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    return {"accuracy_over_spans.png": stream.getvalue()}
