"""Process pairs during which others used the machine: run again, left out, or said to be so."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.measurement import machine_lock, pair_statistics, pairs
from harness.measurement.others_seen import OthersSeen
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunSetup
from harness.measurement.schedule import Share
from harness.probes.neighbours import Others
from harness.probes.speed import Speed
from harness.record import Timing
from harness.spec import ProcessCounts
from tests.harness.measurement.test_rounds import rounds_of

pytestmark = pytest.mark.neighbours
QUIET, BUSY = Others(0.5, 0.0), Others(0.5, 0.4)


def fill(pair: ProcessPair, blocks: list[Others], ratio: float = 2.0) -> ProcessPair:
    """Put one query into each block; those of busy ones take ten times as long."""
    pair.resources.others = OthersSeen(blocks=blocks)
    for number, block in enumerate(blocks):
        slow = 10 if block is BUSY else 1
        pair.timings.append(Timing(0, number, number, 1, int(ratio * slow * 10**6), 10**6))
    return pair


def test_the_ratio_comes_from_the_blocks_in_which_the_machine_was_ours() -> None:
    some = [fill(ProcessPair(), [QUIET, BUSY, QUIET, BUSY]) for _ in range(3)]
    assert not any(pair.disturbed for pair in some)
    assert pair_statistics.trusted_ratio(some).value == pytest.approx(2.0)
    assert pair_statistics.median_ms(some) == pytest.approx(2.0)


def test_an_interval_that_cannot_be_trusted_is_not_given() -> None:
    most = fill(ProcessPair(), [QUIET, BUSY, BUSY])
    whole = [fill(ProcessPair(), [QUIET] * 3, ratio) for ratio in (1.9, 2.1)]
    assert most.disturbed and [timing.block for timing in most.undisturbed] == [0]
    assert pair_statistics.trusted_ratio(whole).low is not None
    assert pair_statistics.trusted_ratio([*whole, most]).low is None
    assert pair_statistics.ratio([*whole, most]).low is not None


@pytest.mark.parametrize(("touched", "trusted"), [(2, True), (3, False)])
def test_a_machine_that_others_use_again_and_again_is_not_ours(touched: int, trusted: bool) -> None:
    """What they disturbed was left out or ran again; what they did in between was not seen."""
    eight = [fill(ProcessPair(), [QUIET] * 3, ratio) for ratio in (1.9, 2.1) * 4]
    some = [replace(pair, again=True) for pair in eight[: touched - 1]]
    some.append(fill(ProcessPair(), [QUIET, BUSY, QUIET]))
    found = pair_statistics.trusted_ratio([*some, *eight[touched:]])
    assert not any(pair.disturbed for pair in some)
    assert (found.low is not None) == trusted
    assert found.value == pytest.approx(2.0, rel=0.03)


def read(speed: Speed, *readings_ms: float) -> Speed:
    speed.readings += [reading / 1e3 for reading in readings_ms]
    return speed


def test_the_ratio_comes_from_the_blocks_in_which_the_cores_were_fast() -> None:
    pair = fill(ProcessPair(), [QUIET] * 4)
    seen = pair.resources.others
    seen.speed_s = [0.001, 0.0013, 0.0011, 0.0015]
    assert not seen.slowed, "a few readings do not tell what fast is"
    read(seen.speed, *[1.0] * 8)
    assert seen.slowed == {1, 3} and not pair.slowed
    assert [timing.block for timing in pair.undisturbed] == [0, 2]
    seen.blocks[2] = BUSY
    assert seen.disturbed == {2} and not pair.slowed and not pair.disturbed
    assert [timing.block for timing in pair.undisturbed] == [0]
    assert pair_statistics.ours([pair] + [fill(ProcessPair(), [QUIET])] * 3)
    seen.speed_s = [0.002] * 4
    assert pair.slowed
    assert [timing.block for timing in pair.undisturbed] == [0, 1, 3], "slow ones, where no other is left"
    seen.trains = True
    assert not seen.slowed, "a training is timed as a whole"


def test_blocks_wait_for_the_machine_once_others_were_seen() -> None:
    class Waiting:
        def __init__(self) -> None:
            self.waits = list[float]()

        def wait(self, most_s: float) -> float:
            self.waits.append(most_s)
            return most_s

    seen, waiting = OthersSeen(), Waiting()
    blocks = pairs._blocks(Share((), tuple(range(80))), 16, seen, waiting)  # type: ignore[arg-type]
    assert next(blocks) == tuple(range(16)) and not waiting.waits
    seen.blocks.append(BUSY)
    assert [len(block) for block in blocks] == [16] * 4
    assert waiting.waits == [2.0, 2.0, 2.0, 0.0], "no process waits for ever"


@pytest.mark.parametrize(("noisy", "repeated", "left"), [(0, 0, 0), (3, 3, 0), (1000, 8, 8)])
def test_a_disturbed_pair_runs_again_within_bounds(
    setup: RunSetup, monkeypatch: pytest.MonkeyPatch, noisy: int, repeated: int, left: int
) -> None:
    clock = [0.0]
    runs = []

    def run_pair(plan: object, number: int, share: object, pair: ProcessPair, *more: object) -> None:
        clock[0] += 1.0
        runs.append(number)
        # Others use the machine at the beginning; the times are the better for it and change nothing.
        busy = len(runs) <= noisy
        fill(pair, [BUSY if busy else QUIET] * 3, 0.01 if busy else 2.0)

    monkeypatch.setattr(pairs, "run_pair", run_pair)
    monkeypatch.setattr("harness.measurement.rounds.perf_counter", lambda: clock[0])
    rounds = rounds_of(setup, ProcessCounts(8, 3, 1))
    found = rounds.run("all", lambda *_: None)
    assert rounds.repeated == len(runs) - 8 == repeated
    assert sum(pair.disturbed for pair in found) == left
    assert sum(pair.again for pair in found) == repeated - left
    assert left or pair_statistics.trusted_ratio(found).value == pytest.approx(2.0)


def test_a_pair_that_stays_slow_is_left_out_where_most_are_fast() -> None:
    some = [fill(ProcessPair(), [QUIET] * 2, ratio) for ratio in (2.0, 2.0, 2.0, 5.0)]
    for pair in some:
        read(pair.resources.others.speed, *[1.0] * 8)
    some[3].resources.others.speed_s = [0.0015] * 2
    assert some[3].slowed
    assert pair_statistics.ratio(some).value == pytest.approx(2.0)
    assert pair_statistics.ratio(some[2:]).value > 3.0, "half of two are not most"


@pytest.mark.parametrize(("slow", "repeated", "left"), [(0, 0, 0), (2, 2, 0), (1000, 1, 8)])
def test_a_pair_on_slow_cores_runs_again_until_one_is_slow_again(
    setup: RunSetup, monkeypatch: pytest.MonkeyPatch, slow: int, repeated: int, left: int
) -> None:
    clock, runs = [0.0], []

    def run_pair(plan: object, number: int, share: object, pair: ProcessPair, *more: object) -> None:
        clock[0] += 1.0
        runs.append(number)
        speed = more[-1]
        assert isinstance(speed, Speed)
        read(speed, *[1.0] * 8)
        fill(pair, [QUIET] * 3, 5.0 if len(runs) <= slow else 2.0)
        pair.resources.others.speed = speed
        pair.resources.others.speed_s = [0.0015 if len(runs) <= slow else 0.001] * 3

    monkeypatch.setattr(pairs, "run_pair", run_pair)
    monkeypatch.setattr("harness.measurement.rounds.perf_counter", lambda: clock[0])
    rounds = rounds_of(setup, ProcessCounts(8, 3, 1))
    found = rounds.run("all", lambda *_: None)
    assert rounds.repeated == len(runs) - 8 == repeated
    assert sum(pair.slowed for pair in found) == left
    assert not any(pair.touched for pair in found), "nobody inside used the machine"
    assert left or pair_statistics.trusted_ratio(found).value == pytest.approx(2.0)


def test_no_round_begins_when_the_time_is_over(setup: RunSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ratios = [0.0], iter([1.0, 3.0] * 100)

    def run_pair(plan: object, number: int, share: object, pair: ProcessPair, *more: object) -> None:
        clock[0] += 1.0
        fill(pair, [QUIET], next(ratios))

    monkeypatch.setattr(pairs, "run_pair", run_pair)
    monkeypatch.setattr("harness.measurement.rounds.perf_counter", lambda: clock[0])
    for most_s, processes in ((math.inf, 32), (10.0, 16), (1.0, 8)):
        rounds = rounds_of(setup, ProcessCounts(8, 3, 4), most_s=most_s)
        assert len(rounds.run("all", lambda *_: None)) == processes


def test_one_run_holds_the_machine_and_others_see_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOFINISH_LOCK", str(tmp_path / "lock"))
    waiting, shown, order = threading.Event(), list[str](), list[str]()

    def progress(what: str, done: int, total: int) -> None:
        shown.append(what)
        waiting.set()

    def second() -> None:
        with machine_lock.machine("second", progress):
            order.append("second")

    with machine_lock.machine("cots: cnn", no_progress()):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert shown[0].startswith("waiting for the machine, held by cots: cnn (process ")


def test_a_machine_that_cannot_be_locked_is_measured_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "lock").symlink_to(target)
    monkeypatch.setenv("PHOTOFINISH_LOCK", str(tmp_path / "lock"))
    with machine_lock.machine("cots: cnn", no_progress()):
        assert not target.exists(), "another user's link is not followed"


def no_progress() -> Callable[[str, int, int], None]:
    return lambda what, done, total: None


def test_ratios_of_pairs_are_on_the_log_scale() -> None:
    two = [fill(ProcessPair(), [QUIET], ratio) for ratio in (1.0, 4.0)]
    assert pair_statistics.trusted_ratio(two).log_mean == pytest.approx(math.log(2.0))
