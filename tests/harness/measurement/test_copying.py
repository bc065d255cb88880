"""What copying a query into shared memory took is evened out over the processes of a run."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from harness.measurement.copying import even_out
from harness.measurement.message_sizes import message_bytes
from harness.measurement.pair_statistics import ratio
from harness.measurement.process_pair import ProcessPair, Splits
from harness.record import Timing

US = 1000


def process(sent: list[int], copying_us: list[float], model_us: float = 900) -> ProcessPair:
    """A process whose copies took these times; the reference needs 200 us and the same copies."""
    mine = [(round(us * US), round(model_us * US), 10 * US) for us in copying_us]
    theirs = [(round(us * US), 200 * US, 10 * US) for us in copying_us]
    timings = [
        Timing(0, 0, n, 1, sum(both[0]), sum(both[1]))
        for n, both in enumerate(zip(mine, theirs, strict=True))
    ]
    return ProcessPair(timings=timings, splits=Splits(mine, theirs, sent))


def test_copies_that_others_slow_down_leave_the_ratio_as_it_is() -> None:
    rng = Random(5)
    quiet = [process([2_800_000] * 20, [150 + rng.random() for _ in range(20)]) for _ in range(6)]
    noisy = [process([2_800_000] * 20, [150 + 700 * rng.random() for _ in range(20)]) for _ in range(3)]
    assert ratio(noisy).value < 0.9 * ratio(quiet).value
    wanted = ratio(quiet).value
    even_out([*quiet, *noisy])
    assert ratio(quiet).value == pytest.approx(wanted, rel=0.01)
    assert ratio(noisy).value == pytest.approx(wanted, rel=0.01)


def test_a_submission_that_slows_the_copies_of_its_own_queries_pays_for_it() -> None:
    honest, hindering = (process([2_800_000] * 20, [150] * 20) for _ in range(2))
    hindering.splits.submission[:] = [(900 * US, 150 * US, 10 * US)] * 20  # it reads along meanwhile
    even_out([honest, hindering])
    assert hindering.timings[0].submission_ns == 1060 * US == honest.timings[0].submission_ns
    assert hindering.timings[0].reference_ns == honest.timings[0].reference_ns == 360 * US


def test_a_query_is_charged_by_its_bytes() -> None:
    rng = Random(5)
    sizes = [rng.randrange(1_000_000) for _ in range(200)]
    pair = process(sizes, [20 + size / 10_000 + (100 if n % 3 == 0 else 0) for n, size in enumerate(sizes)])
    even_out([pair])
    for size, timing in zip(sizes, pair.timings, strict=True):
        assert timing.reference_ns / US == pytest.approx(210 + 20 + size / 10_000, abs=1)
    before = list(pair.timings)
    even_out([pair])
    assert pair.timings == before, "what was evened once stays"


def test_times_without_their_parts_stay_and_no_copy_takes_less_than_nothing() -> None:
    bare = ProcessPair(timings=[Timing(0, 0, 0, 1, 5, 7)])
    even_out([bare])
    assert bare.timings == [Timing(0, 0, 0, 1, 5, 7)]
    steep = process([10, 1000, 1000], [0.0, 500, 500])
    steep.splits.sent[0] = 0
    even_out([steep])
    assert all(timing.submission_ns >= 910 * US for timing in steep.timings)
    even_out([])


def test_long_runs_are_evened_without_pairs_of_all_points() -> None:
    pair = process(list(range(20_000)), [1 + n / 20_000 for n in range(20_000)])
    even_out([pair])
    assert math.isclose(pair.timings[-1].submission_ns, 912 * US, rel_tol=1e-3)


def test_the_bytes_of_a_query_grow_with_its_arrays() -> None:
    small = message_bytes({"a": np.zeros(3, np.float32), "b": np.zeros((2, 2), np.uint8)})
    assert message_bytes(np.zeros(3, np.float32)) < small < 1000
    assert message_bytes(np.zeros((720, 1280, 3), np.uint8)) == pytest.approx(2_764_800, abs=1000)
