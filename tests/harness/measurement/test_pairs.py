"""What the paired times of many processes say of the machine and of the submission."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from harness.measurement.pair_statistics import drift, trend
from harness.measurement.process_pair import BuildNotes, ProcessPair, Splits
from harness.record import Timing
from harness.spec import ModelTime


def process(reference: tuple[int, int], submission: tuple[int, int] = (10, 10)) -> ProcessPair:
    """A process of 20 queries with these nanoseconds in its two halves."""
    halves = [0] * 10 + [1] * 10
    return ProcessPair(
        timings=[Timing(0, 0, i, 1, submission[h], reference[h]) for i, h in enumerate(halves)]
    )


STILL = process((10, 10))


@pytest.mark.parametrize("count", [8, 32])
def test_one_process_in_which_the_machine_slowed_down_is_no_drift(count: int) -> None:
    assert drift([STILL] * (count - 1) + [process((10, 20), (10, 20))]) == 1


def test_a_machine_that_slows_down_in_most_processes_drifts_in_either_direction() -> None:
    slower, faster = process((10, 15), (10, 15)), process((15, 10), (15, 10))
    assert drift([slower, faster, STILL]) == pytest.approx(1.5)
    assert trend([slower, faster, STILL]) == 1, "both sides slowed down alike"


def test_a_submission_that_is_not_warm_yet_has_a_trend() -> None:
    settling = process((10, 10), (13, 10))
    assert trend([settling, settling, STILL]) == pytest.approx(1.3)
    assert drift([settling, settling, STILL]) == 1


def chains(seed: int, slower: float = 1.0) -> ProcessPair:
    """A process of 120 queries, the last of which take 1,000 times as long as the first, in its own order."""
    order = Random(seed).sample(range(120), 120)
    times = [10 ** (query / 39) * (slower if place >= 60 else 1) * 1e6 for place, query in enumerate(order)]
    return ProcessPair(
        timings=[Timing(0, 0, query, 1, 3 * int(ns), int(ns)) for query, ns in zip(order, times, strict=True)]
    )


def test_unlike_queries_in_the_halves_of_a_process_are_no_drift() -> None:
    assert drift([chains(seed) for seed in range(5)]) == pytest.approx(1, abs=0.01)
    assert trend([chains(seed) for seed in range(5)]) == pytest.approx(1, abs=0.01)
    assert drift([chains(seed, slower=1.5) for seed in range(5)]) == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize("asked", [6, 90])
def test_processes_that_end_early_are_compared_by_the_queries_they_share(asked: int) -> None:
    """A task may have enough after a few of many queries: few are asked by several processes then."""

    whole = [chains(seed) for seed in range(4)]
    early = [replace(pair, timings=pair.timings[:asked]) for pair in whole]
    assert drift(early) == pytest.approx(1, abs=0.01)
    assert trend(early) == pytest.approx(1, abs=0.01)


def test_queries_that_take_hardly_longer_than_a_call_tell_nothing_of_the_model() -> None:
    def slowing(seed: int, queries: range) -> ProcessPair:
        pair = chains(seed)
        late = [
            replace(timing, submission_ns=2 * timing.submission_ns) if timing.query in queries else timing
            for timing in pair.timings[60:]
        ]
        return replace(pair, timings=[*pair.timings[:60], *late])

    assert trend([slowing(seed, range(78)) for seed in range(5)]) == pytest.approx(1, abs=0.01)
    some = [slowing(seed, range(78, 120)) for seed in range(5)]
    assert trend(some) > 1.5
    some[0].timings[0] = replace(some[0].timings[0], reference_ns=10**15)
    assert trend(some) > 1.5, "one stall makes no other query short"


def test_the_pieces_of_the_pace_tell_the_drift_of_a_training() -> None:
    """How fast its model answers ranks nothing, and settles nothing."""
    pair = replace(process((10, 30), (30, 10)), build=BuildNotes(pace_s=[0.1, 0.1, 0.15, 0.15]))
    assert drift([pair, pair]) == pytest.approx(1.5)
    assert trend([pair, pair]) == 1


def test_the_time_at_the_model_leaves_copying_out_on_both_sides() -> None:
    timings = [Timing(0, 0, 4, 1, 1_000, 2_000), Timing(0, 0, 7, 2, 1_000, 2_000)]
    splits = Splits([(200, 700, 100)] * 2, [(300, 1_500, 200)] * 2)
    pair = ProcessPair(timings=timings, splits=splits)
    assert pair.outcome.at_model == [ModelTime(4, 700e-9, 1_500e-9)], "of single queries only"
