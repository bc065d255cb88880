"""The speed of the cores: read by work of our own, judged by the fastest of a run."""

from __future__ import annotations

import os

import pytest

from harness.probes.speed import Speed

pytestmark = pytest.mark.neighbours


def test_a_reading_is_slow_beside_the_fastest_of_the_run() -> None:
    speed = Speed()
    speed.readings = [0.001] * 7
    assert speed.slow(1.0) == [False], "a few readings do not tell"
    speed.readings += [0.001, 0.0005, *[0.002] * 20]
    assert speed.fastest == pytest.approx(0.001)
    assert speed.slow(0.00116, 0.00114) == [True, False]


def test_the_work_is_timed_on_the_given_cores_and_leaves_the_process_where_it_may_run() -> None:
    allowed = os.sched_getaffinity(0)
    speed = Speed(sorted(allowed)[:1])
    assert 0 < speed.read() < 1
    assert speed.readings and os.sched_getaffinity(0) == allowed
    assert 0 < Speed([10**4]).read() < 1, "a core that is not there any more is no fault"


def test_at_most_four_cores_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()
    monkeypatch.setattr(Speed, "_best_on", lambda self, core: float(asked.append(core) or 1.0))
    for cores, read in ((range(1), 1), (range(4), 4), (range(6), 3), (range(64), 4), (range(65), 4)):
        asked.clear()
        Speed(list(cores)).read()
        assert len(asked) == read


def test_waiting_ends_when_the_cores_are_fast_or_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, readings = [0.0], iter([2.0, 2.0, 1.0, *[2.0] * 100])
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("time.sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    monkeypatch.setattr(Speed, "_best_on", lambda self, core: next(readings))
    speed = Speed([0])
    speed.readings = [1.0] * 100
    assert speed.wait(5.0) == pytest.approx(0.1)
    assert speed.wait(0.5) == pytest.approx(0.5)
