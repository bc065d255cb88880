"""Trainings as ratios to the pace of the reference's training just before and just after."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.spec import Prepared, ProcessOutcome, RunOutcome, TrainingNotes
from tasks.metrics.pace import inverse, pace_ratio

DATA = Prepared("rows", "mini", "0" * 64, Path(), Path())


def process(seconds: float, *pace_s: float) -> ProcessOutcome:
    return ProcessOutcome({}, {"build": seconds}, [], training=TrainingNotes(pace_s=pace_s))


def ratio(*processes: ProcessOutcome, disturbed: bool = False) -> tuple[float | None, ...] | None:
    run = RunOutcome(DATA, [], processes, disturbed)
    return pace_ratio(run, lambda one: one.training_s(str), share=0.1)


def test_a_machine_that_slows_down_during_a_training_changes_nothing() -> None:
    steady = ratio(process(4.0, 1.0, 1.0))
    assert steady is not None and steady[0] == pytest.approx(0.4)
    assert ratio(process(6.0, 1.0, 2.0)) == pytest.approx((0.4, None, None))


def test_the_interval_is_over_processes_and_needs_two_that_nobody_disturbed() -> None:
    some = [process(seconds, 1.0, 1.0) for seconds in (3.9, 4.0, 4.1, 4.0, 4.0)]
    value, low, high = ratio(*some) or (None,) * 3
    assert value is not None and low is not None and high is not None
    assert 0.39 < low < value < high < 0.41
    assert ratio(*some, disturbed=True) == (value, None, None)
    assert ratio(some[0]) == pytest.approx((0.39, None, None))


def test_rates_are_the_inverse() -> None:
    assert inverse((0.5, 0.4, 0.8)) == (2.0, 1.25, 2.5)
    assert inverse((0.5, None, None)) == (2.0, None, None)
    assert inverse(None) is None


def test_there_is_no_ratio_without_a_pace() -> None:
    assert ratio(process(4.0)) is None
    assert ratio() is None
