from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.stats import (
    Ratio,
    compare_ratios,
    paired_log_ratio,
    ratio_between,
    ratio_from_log,
    throughput_interval,
    verdict,
)

logs = st.floats(-2, 2)
processes = st.lists(st.lists(logs, min_size=1, max_size=9), min_size=2, max_size=7)


def test_ratio_by_hand() -> None:
    # Medians of the three processes: log 0.5, log 0.5, log 2; one outlier changes nothing.
    half, double = math.log(0.5), math.log(2)
    ratio = paired_log_ratio([[half, half, 5.0], [half], [double, double, -5.0]])
    assert ratio.value == pytest.approx(2 ** (-1 / 3))
    assert ratio.log_se == pytest.approx(stats.sem([half, half, double]))
    assert ratio.df == 2
    assert ratio.low == pytest.approx(math.exp(ratio.log_mean - 4.302653 * ratio.log_se), rel=1e-6)


@given(processes)
def test_interval_is_students_over_processes(per_process: list[list[float]]) -> None:
    ratio = paired_log_ratio(per_process)
    centres = [float(np.median(blocks)) for blocks in per_process]
    assert ratio.log_mean == pytest.approx(np.mean(centres), abs=1e-12)
    assert ratio.low is not None and ratio.high is not None and ratio.log_se is not None
    if ratio.log_se > 1e-9:
        expected = stats.t.interval(0.95, len(centres) - 1, ratio.log_mean, ratio.log_se)
        assert (math.log(ratio.low), math.log(ratio.high)) == pytest.approx(expected)


@given(st.integers(8, 40), st.integers(0, 2**32))
def test_from_twelve_processes_on_a_twelfth_is_left_out_at_either_end(count: int, seed: int) -> None:
    a, b = np.random.default_rng(seed).standard_t(2, (2, count))
    one, other = (paired_log_ratio([[log] for log in entry]) for entry in (a, b))
    trim = (count // 12 + 0.5) / count
    assert one.log_mean == pytest.approx(stats.trim_mean(a, trim))
    expected = stats.ttest_ind(a, b, equal_var=False, trim=trim)
    between = ratio_between(one, other)
    assert between.log_se is not None and between.df is not None
    assert between.log_mean / between.log_se == pytest.approx(expected.statistic)
    p_value = 2 * stats.t.sf(abs(between.log_mean) / between.log_se, between.df)
    assert p_value == pytest.approx(expected.pvalue)


def test_two_processes_of_twenty_four_that_something_unseen_slowed_down_change_little() -> None:
    rng = np.random.default_rng(5)
    quiet = rng.normal(1.3, 0.03, 24)
    noisy = quiet + np.where(np.arange(24) < 2, 0.3, 0.0)
    there, here = (paired_log_ratio([[log] for log in logs]).value for logs in (quiet, noisy))
    assert here / there == pytest.approx(1, abs=0.01)
    assert math.exp(noisy.mean() - quiet.mean()) > 1.02


@given(processes, st.floats(0.01, 0.1))
def test_swapping_the_sides_swaps_the_verdict(per_process: list[list[float]], margin: float) -> None:
    there = verdict(paired_log_ratio(per_process), margin)
    back = verdict(paired_log_ratio([[-block for block in blocks] for blocks in per_process]), margin)
    assert back == {"faster": "slower", "slower": "faster"}.get(there, there)


def test_one_process_has_no_interval_and_no_verdict() -> None:
    ratio = paired_log_ratio([[math.log(0.5)] * 100])
    assert (ratio.value, ratio.low, ratio.high, ratio.log_se) == (pytest.approx(0.5), None, None, None)
    assert verdict(ratio, 0.01) == "unknown"
    assert verdict(None, 0.01) == "unknown"
    assert compare_ratios(ratio, paired_log_ratio([[0.0], [0.0]]), 0.01) == "unknown"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.5, 0.9, "faster"),
        (0.5, 0.96, "no difference"),
        (0.9, 1.1, "no difference"),
        (1.04, 1.2, "no difference"),
        (1.06, 1.2, "slower"),
    ],
)
def test_verdict_needs_the_whole_interval_beyond_the_margin(low: float, high: float, expected: str) -> None:
    assert verdict(Ratio(1.0, low, high, 0.0, 0.1, 7.0), margin=0.05) == expected


@given(processes, processes)
def test_two_entries_are_compared_by_welch(a: list[list[float]], b: list[list[float]]) -> None:
    one, other = ([float(np.median(blocks)) for blocks in entry] for entry in (a, b))
    if np.std(one) < 1e-9 or np.std(other) < 1e-9:
        return
    expected = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    between = ratio_between(paired_log_ratio(a), paired_log_ratio(b))
    assert between.low is not None and between.high is not None
    assert (math.log(between.low), math.log(between.high)) == pytest.approx(tuple(expected), abs=1e-9)


def test_entries_without_spread_are_compared_by_value() -> None:
    fast, slow = paired_log_ratio([[-0.1], [-0.1]]), paired_log_ratio([[0.1], [0.1]])
    assert compare_ratios(fast, slow, 0.01) == "faster"
    assert compare_ratios(slow, fast, 0.01) == "slower"
    assert compare_ratios(fast, slow, 0.3) == "no difference"


@given(st.floats(-1, 1), st.floats(0, 0.1), st.floats(-0.5, 0.5), st.floats(1e-3, 0.1), st.floats(0.5, 0.99))
def test_what_moved_the_reference_between_two_runs_makes_no_lead(
    difference: float, error: float, moved: float, margin: float, level: float
) -> None:
    """The models took the same time, or their ratios are the same: either way nobody is faster."""
    other = ratio_from_log(0.0, error, 7.0)
    for by in (0.0, -moved):
        verdict = compare_ratios(ratio_from_log(by, error, 7.0), other, margin, level, moved)
        assert verdict == "no difference"
    one = ratio_from_log(difference, error, 7.0)
    still, wider = ratio_between(one, other, level), ratio_between(one, other, level, moved)
    assert wider.value == still.value
    assert wider.low <= still.low and wider.high >= still.high  # type: ignore[operator]
    assert math.log(wider.high / wider.low) == pytest.approx(  # type: ignore[operator]
        math.log(still.high / still.low) + abs(moved)  # type: ignore[operator]
    )
    assert ratio_between(ratio_from_log(0.0, None, None), other, level, moved).low is None


def test_equal_processes_are_seldom_told_apart() -> None:
    rng = np.random.default_rng(11)
    told = 0
    for _ in range(1000):
        blocks = rng.normal(0, 0.01, size=(8, 1)) + rng.normal(0, 0.05, size=(8, 30))
        told += verdict(paired_log_ratio(blocks.tolist()), margin=0.0) != "no difference"
    assert 0.03 <= told / 1000 <= 0.07


def test_refuses_what_is_no_measurement() -> None:
    for bad in ([], [[]], [[0.0], []], [[float("nan")]], [[math.inf]]):
        with pytest.raises(ValueError, match="every process"):
            paired_log_ratio(bad)
    with pytest.raises(ValueError, match="positive wall time"):
        throughput_interval(10, [1.0, 0.0])


def test_throughput_by_hand() -> None:
    measured = throughput_interval(100, [2.0, 8.0])
    assert measured.value == pytest.approx(25)
    assert measured.low is not None and measured.high is not None
    # Student's t at 1 degree of freedom is 12.7062; the standard error of log 2 and log 8 is log 2.
    assert measured.high == pytest.approx(25 * 2**12.7062, rel=1e-3)
    assert measured.low * measured.high == pytest.approx(25**2)
    once = throughput_interval(100, [4.0])
    assert (once.value, once.low, once.high) == (pytest.approx(25), None, None)
