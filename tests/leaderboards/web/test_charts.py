"""Geometry of the pictures."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.record import Measure
from harness.record.series import MemorySample
from harness.stats import Difference, Ratio
from leaderboards.boards.columns import Column
from leaderboards.web.charts.axis import Axis
from leaderboards.web.charts.difference import difference_plot, ratio_plot
from leaderboards.web.charts.labels import _NARROW, _WIDE, Spot, place_names
from leaderboards.web.charts.latency import latency_plot
from leaderboards.web.charts.memory import memory_plot
from leaderboards.web.charts.scatter import _stairs
from leaderboards.web.charts.steps import Event, step_plot

finite = st.floats(-1e12, 1e12, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(st.lists(finite, max_size=20), st.booleans(), st.booleans())
def test_every_value_and_tick_lies_on_its_axis(values: list[float], log: bool, down: bool) -> None:
    axis = Axis.around(values, log=log, down=down)
    places = [axis.at(value) for value in values]
    assert all(0 <= place <= 100 for place in places)
    ranked = [place for _, place in sorted(zip(values, places, strict=True), key=lambda pair: pair[0])]
    assert ranked == sorted(ranked, reverse=down)
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 8
    assert all(0 <= tick.at <= 100 for tick in ticks)


@pytest.mark.parametrize(
    ("low", "high", "log", "labels"),
    [
        (0, 1, False, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0.38, 0.83, False, ["0.4", "0.5", "0.6", "0.7", "0.8"]),
        (-0.04, 0.04, False, ["−0.04", "−0.02", "0", "0.02", "0.04"]),
        (0, 5200, False, ["0", "1,000", "2,000", "3,000", "4,000", "5,000"]),
        (3, 190, True, ["5", "10", "20", "50", "100"]),
        (0.02, 30, True, ["0.1", "1", "10"]),
        (8, 25, True, ["10", "15", "20"]),
    ],
)
def test_ticks_are_round(low: float, high: float, log: bool, labels: list[str]) -> None:
    assert [tick.label for tick in Axis(low, high, log).ticks()] == labels


def test_a_logarithmic_axis_has_equal_ratios_at_equal_distances() -> None:
    axis = Axis(1, 100, log=True)
    assert [axis.at(value) for value in (1, 10, 100, 0.1, 1000)] == [0, 50, 100, 0, 100]


def test_the_front_is_a_stair_over_what_nothing_beats() -> None:
    assert _stairs([(10, 60), (30, 20), (20, 70), (50, 40)]) == "M10 100V60H30V20H100"
    assert _stairs([]) == ""


spots = st.builds(Spot, st.floats(0, 100), st.floats(0, 100), st.floats(5, 17), st.integers(1, 40))


@given(st.lists(spots, max_size=25))
def test_names_stand_over_no_other_name_and_no_other_point(points: list[Spot]) -> None:
    labels = place_names(points, range(len(points)))
    for screen, kinds in ((_WIDE, {"wide", "always"}), (_NARROW, {"always"})):
        boxes = {at: screen.text(points[at], label) for at, label in labels.items() if label.shown in kinds}
        for at, box in boxes.items():
            assert screen.holds(box)
            assert not any(box.meets(other) for number, other in boxes.items() if number != at)
            assert not any(box.meets(screen.disc(spot)) for number, spot in enumerate(points) if number != at)


def test_a_lonely_point_is_named_on_all_screens() -> None:
    assert place_names([Spot(50, 50, 8, 12)], [0])[0].shown == "always"


def test_bounds_that_are_close_are_labelled_above_each_other() -> None:
    metrics = {
        f"latency_{name}_ms": Measure(value=value, unit="ms", goal="min")
        for name, value in (("p50", 10.0), ("p90", 10.1), ("p99", 30.0))
    }
    drawn = latency_plot(np.geomspace(5, 50, 200), np.array([]), metrics)
    assert drawn is not None
    assert [(mark.label, mark.level) for mark in drawn.marks] == [("p50", 0), ("p90", 1), ("p99", 0)]


def test_histogram_keeps_every_request_and_one_stall_does_not_squeeze_it() -> None:
    rng = np.random.default_rng(1)
    times = np.append(10 * np.exp(rng.normal(0, 0.1, 2000)), 5000.0)
    p50 = Measure(value=10.0, unit="ms", goal="min")
    drawn = latency_plot(times, np.full(50, 12.0), {"latency_p50_ms": p50})
    assert drawn is not None
    assert drawn.count == 2001
    assert len(drawn.submission) > 20
    assert max(block.height for block in drawn.submission) <= 100
    assert all(block.x + block.width <= 100.01 for block in drawn.submission)
    assert drawn.marks[0].label == "p50"
    assert drawn.reference.startswith("M")
    assert "to 5,000 ms" in drawn.summary


def test_histogram_of_equal_times_and_without_a_reference() -> None:
    drawn = latency_plot(np.array([2.0, 2.0]), np.array([]), {})
    assert drawn is not None
    assert len(drawn.submission) == 1
    assert drawn.reference == ""


def test_a_thinned_timeline_keeps_its_peak() -> None:
    samples = [MemorySample(n / 100, 50.0, "build" if n < 4000 else "steady") for n in range(10_000)]
    samples[7777] = MemorySample(77.77, 900.0, "steady")
    drawn = memory_plot(samples)
    assert drawn is not None
    assert drawn.line.count("L") < 450
    assert "the peak was 900 MB in phase steady" in drawn.summary
    assert [(phase.name, phase.x, phase.width) for phase in drawn.phases] == [
        ("build", 0.0, 40.0),
        ("steady", 40.0, 60.0),
    ]
    heights = [float(point.split()[1]) for point in drawn.line[1:].split("L")]
    assert min(heights) < 10
    assert max(heights) > 90


def test_a_difference_lies_on_the_side_of_who_is_ahead() -> None:
    difference = Difference(0.02, 0.01, 0.03, 0.001)
    draws = np.linspace(0.0, 0.04, 500)
    more, less = (difference_plot(difference, draws, less_is_better=turned) for turned in (False, True))
    assert 50 < more.low < more.at < more.high <= 100
    assert 0 <= less.low < less.at < less.high < 50
    assert more.low + less.high == pytest.approx(100, abs=0.02)


def test_a_ratio_below_one_lies_to_the_right_and_one_in_the_middle() -> None:
    faster = ratio_plot(Ratio(0.5, 0.48, 0.52, math.log(0.5), 0.01, 7.0), 0.02)
    assert 50 + faster.margin < faster.low < faster.at < faster.high <= 100
    same = ratio_plot(Ratio(1.0, None, None, 0.0, None, None), 0.02)
    assert same.at == same.low == same.high == 50
    assert same.margin > 0


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (0.5, ["12:00", "18:00"]),
        (40, ["2 Mar", "16 Mar", "30 Mar"]),
        (0, ["09:00:00", "09:00:20", "09:00:40", "09:01:00"]),
    ],
)
def test_history_is_labelled_by_how_long_it_is(days: float, labels: list[str]) -> None:
    start = datetime(2026, 3, 1, 9, tzinfo=UTC).timestamp()
    events = [Event(start, 0.5, "a", "a", True), Event(start + days * 86_400, 0.6, "b", "b", True)]
    drawn = step_plot(events, Column("f2", "F2", "", "max"))
    assert drawn is not None
    assert [tick.label for tick in drawn.x_ticks] == labels
    assert drawn.dots[0].y > drawn.dots[1].y
    assert drawn.line.endswith("H100")
