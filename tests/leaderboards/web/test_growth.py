"""The chart of growing times: lines through simulated times, labels that do not overlap, its stored form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.record.series import write_latencies
from harness.record.timing import Timing
from harness.spec import Growth
from leaderboards.boards.spec import BoardSpec
from leaderboards.web.charts.growth import SizedTimes, growth_plot
from leaderboards.web.folder import sized_times
from leaderboards.web.rendering import render
from tasks.tiny_latency.task import task

CHART = Growth("steps", "step", marks=(("there", 265.0), ("here", 204.0)), note="Elsewhere.")


def times(name: str, ns: float, call_us: float = 100.0) -> SizedTimes:
    sizes = np.repeat([0.0, 1, 10, 100, 1000, 4000], 5)
    return SizedTimes(name * 16, name, sizes, call_us * 1e3 + ns * sizes)


def test_the_line_of_an_entry_is_named_and_ends_at_its_slope() -> None:
    plot = growth_plot(CHART, [times("a", 50), times("b", 5000)], 20.0)
    assert plot is not None
    slow, fast = plot.curves
    assert (slow.name, fast.name) == ("b", "a"), "from the top down"
    assert fast.summary == "a: 50 ns a step, 100 µs a call"
    assert len(fast.points) == 5, "a query of size 0 has no time per step"
    assert all(0 <= place <= 100 for point in fast.points for place in point)
    assert fast.points[0][1] < fast.points[-1][1], "overhead makes short queries dear"
    assert [level.label for level in plot.levels] == ["there, 265 ns", "here, 204 ns", "roofline, 20 ns"]
    assert [level.below for level in plot.levels] == [False, True, False]


def test_labels_of_like_entries_are_moved_apart() -> None:
    plot = growth_plot(CHART, [times(name, 50 + n) for n, name in enumerate("abcd")], None)
    assert plot is not None
    ends = [curve.end for curve in plot.curves]
    assert np.diff(ends).min() == pytest.approx(4.5)


def test_without_times_of_two_sizes_there_is_no_chart() -> None:
    alike = SizedTimes("a" * 16, "a", np.full(5, 10.0), np.arange(5.0))
    assert growth_plot(CHART, [], 20.0) is None
    assert growth_plot(CHART, [alike], None) is None


def test_a_folder_gives_sizes_and_times_of_public_units_alone(tmp_path: Path) -> None:
    write_latencies(
        tmp_path / "latencies.csv", ["u0", "u1"], [Timing(0, 0, n % 2, 1, 100 + n, 7) for n in range(4)]
    )
    assert len(sized_times(tmp_path, "steps")[0]) == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "latencies.csv").write_bytes((tmp_path / "latencies.csv").read_bytes())
    np.savez(other / "rows.npz", id=["u1"], cluster=["c"], steps=[40.0])
    sizes, ns = sized_times(other, "steps")
    assert sizes.tolist() == [40.0, 40.0]
    assert ns.tolist() == [101.0, 103.0]


def test_a_spec_keeps_its_chart_and_an_older_one_has_none() -> None:
    spec = BoardSpec.of(task)
    assert spec.growth is not None
    assert BoardSpec.from_json(spec.to_json()) == spec
    assert BoardSpec.from_json(replace(spec, growth=None).to_json()).growth is None


def test_the_chart_is_drawn_with_links_to_its_entries() -> None:
    page = render("growth.html", growth=growth_plot(CHART, [times("a", 50)], 20.0))
    assert 'href="/records/aaaaaaaaaaaaaaaa"' in page
    assert "there, 265 ns" in page
    assert "Elsewhere." in page
