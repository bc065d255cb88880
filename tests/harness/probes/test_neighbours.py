"""What others used of the machine: read from a counter that the test moves."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from harness.measurement.others_seen import OthersSeen
from harness.probes.neighbours import Neighbours, Others

pytestmark = pytest.mark.neighbours
TICKS = os.sysconf("SC_CLK_TCK")


def write(stat: Path, busy_s: float, stolen_s: float = 0.0) -> None:
    """Write a line for all cores, one for the first of ours, and the same for one that is not ours."""
    first, other = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0)) + 1000
    ticks, stolen = round(busy_s * TICKS), round(stolen_s * TICKS)
    line = f"{ticks} 0 0 5 5 0 0 {stolen} 0 0"
    stat.write_text(f"cpu {line}\ncpu{first} {line}\ncpu{other} {line}\nintr 1 2 3\n")


def test_others_are_what_is_busy_and_not_ours(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    write(stat, 100.0)
    neighbours = Neighbours(lambda: (), stat)
    write(stat, 100.5, 0.25)
    found = neighbours.since()
    assert found.cpu_s == pytest.approx(0.5, abs=0.1)
    assert found.stolen_s == pytest.approx(0.25)
    started = time.process_time()
    while time.process_time() - started < 0.1:
        pass
    write(stat, 100.6, 0.25)
    found = neighbours.since()
    assert found.cpu_s < 0.05, "this test burnt the tenth of a second itself"
    assert 0 < found.seconds < 10


def test_a_tenth_of_a_core_is_allowed_and_half_of_the_spare_ones() -> None:
    assert not Others(1.0, 0.13).disturb()
    assert Others(1.0, 0.15).disturb()
    assert Others(1.0, 0.08, 0.08).disturb()
    assert not Others(1.0, 0.45).disturb(spare_cores=1)
    assert Others(1.0, 0.6).disturb(spare_cores=1)


def test_short_blocks_are_judged_together() -> None:
    quiet, busy = Others(0.1, 0.0), Others(0.1, 0.05)
    seen = OthersSeen([Others(2.0, 1.0)], [quiet] * 2 + [busy] * 4 + [quiet, busy])
    assert seen.disturbed == {2, 3, 4, 5}
    assert seen.whole.cpu_s == pytest.approx(1.25)
    assert OthersSeen().disturbed == frozenset()


def test_what_is_over_at_once_is_judged_by_the_time_before() -> None:
    at_once = [Others(0.02, 0.0)] * 2
    assert OthersSeen([Others(2.0, 1.0)], at_once).disturbed == {0, 1}
    assert OthersSeen([Others(2.0, 0.1)], at_once).disturbed == frozenset()


def test_a_training_is_disturbed_while_it_trains() -> None:
    blocks = [Others(0.5, 0.0)] * 2
    assert OthersSeen([Others(20.0, 10.0)], blocks).disturbed == frozenset()
    assert OthersSeen([Others(20.0, 10.0)], blocks, trains=True).disturbed == {0, 1}
    assert OthersSeen([Others(20.0, 1.0)], blocks, trains=True).disturbed == frozenset()


def test_a_block_begins_when_nobody_else_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat, busy_s, sleeps = tmp_path / "stat", [100.0], [0]
    write(stat, busy_s[0])
    neighbours = Neighbours(lambda: (), stat)

    def sleep(seconds: float) -> None:
        sleeps[0] += 1
        busy_s[0] += seconds if sleeps[0] < 4 else 0.0
        write(stat, busy_s[0])

    monkeypatch.setattr(time, "sleep", sleep)
    neighbours.wait(60.0)
    assert sleeps[0] == 4, "three looks saw a busy core, the fourth none"
    assert neighbours.wait(0.0) < 1.0
    assert sleeps[0] == 4
