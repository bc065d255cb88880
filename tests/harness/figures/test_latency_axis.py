"""The axes of times say what a person reads."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from harness.figures.measurement import label_in_ms


@pytest.mark.parametrize(
    ("times", "some"),
    [
        ([5.6, 6.0, 6.9], "6 ms"),
        ([0.02, 3.0, 90.0], "0.1 ms"),
        ([5.0, 5.0, 5.0], "5 ms"),
        ([1e3, 4e5], "10000 ms"),
    ],
)
def test_ticks_are_plain_numbers_of_ms(times: list[float], some: str) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(range(len(times)), times)
    axes.set_yscale("log")
    label_in_ms(axes.yaxis)
    figure.canvas.draw()
    labels = [label.get_text() for label in axes.get_yticklabels(which="both") if label.get_text()]
    assert some in labels
    assert all(label.endswith(" ms") and "10^" not in label and "e" not in label for label in labels)
