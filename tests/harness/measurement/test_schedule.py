"""Who is asked what: clusters dealt whole, blocks in balanced order, requests by scenario."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.interactions import Independent
from harness.measurement.message_sizes import MessageSizes, with_room
from harness.measurement.schedule import STREAMS, block_size, requests, shares, turns
from harness.spec import Answer, Limits, Query


def questions(sizes: list[int]) -> list[Query]:
    return [
        Query(f"q{cluster}-{number}", f"c{cluster}", "public", lambda: np.zeros(1), None)
        for cluster, size in enumerate(sizes)
        for number in range(size)
    ]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(1, 8), st.integers(0, 99))
def test_every_query_is_timed_and_clusters_stay_together_in_order(
    sizes: list[int], replicates: int, seed: int
) -> None:
    asked = questions(sizes)
    dealt = shares(asked, replicates, seed, Independent(ordered=True))
    assert len(dealt) == replicates
    assert {index for share in dealt for index in share.timed} == set(range(len(asked)))
    if replicates <= len(sizes):
        assert sum(len(share.timed) for share in dealt) == len(asked), "nothing is asked twice"
    for share in dealt:
        names = [asked[index].cluster for index in share.timed]
        assert len([name for name, last in zip(names, [None, *names], strict=False) if name != last]) == len(
            set(names)
        )
        warm, others = {asked[index].cluster for index in share.warm_up}, set(range(len(sizes)))
        others = {f"c{number}" for number in others} - set(names)
        assert len(warm) == 1
        assert warm <= (others or {names[-1]}), "a process is not warmed up with what it is timed on"


@given(st.integers(0, 1000), st.integers(0, 31), st.integers(1, 20))
def test_each_pair_of_blocks_is_balanced(seed: int, process: int, pairs: int) -> None:
    order = list(islice(turns(seed, process), 2 * pairs))
    assert all(a != b for a, b in zip(order[::2], order[1::2], strict=True))


def test_who_goes_first_is_drawn() -> None:
    firsts = [next(turns(seed, 0)) for seed in range(100)]
    assert 25 < sum(firsts) < 75


@given(st.integers(0, 999))
def test_in_processes_of_one_block_each_side_goes_first_as_often(seed: int) -> None:
    assert sum(next(turns(seed, process)) for process in range(8)) == 4


def test_blocks_are_long_enough_to_time_and_short_enough_to_pair() -> None:
    assert block_size(0.5, 0.5, "single_stream") == 4
    assert block_size(0.001, 0.001, "single_stream") == 100
    assert block_size(0.0, 0.0, "single_stream") == 256
    assert block_size(1.0, 1.0, "multi_stream") == STREAMS


def test_a_slow_submission_makes_blocks_at_most_eight_times_as_short() -> None:
    assert block_size(0.001, 0.004, "single_stream") == 40
    assert block_size(0.001, 100.0, "single_stream") == 24


def test_requests_are_as_wide_as_the_scenario_and_the_wire_allow() -> None:
    block = range(20)
    wide, narrow = sized([1000] * 20), sized([150_000] * 20)
    assert [len(r) for r in requests(block, "single_stream", wide)] == [1] * 20
    assert [len(r) for r in requests(block, "multi_stream", wide)] == [8, 8, 4]
    assert [len(r) for r in requests(block, "offline", wide)] == [20]
    assert [len(r) for r in requests(block, "offline", narrow)] == [6, 6, 6, 2]
    assert [index for request in requests(block, "offline", narrow) for index in request] == list(block)


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=20), st.integers(0, 9))
def test_requests_of_many_fit_the_wire_whatever_the_sizes(sizes: list[int], factor: int) -> None:
    known = sized(sizes, factor)
    made = requests(range(len(sizes)), "offline", known)
    assert [index for request in made for index in request] == list(range(len(sizes)))
    for request in made:
        asked, answered = (sum(known.of(index)[part] for index in request) for part in (0, 1))
        assert len(request) == 1 or (asked <= 1_000_000 and answered <= 1_000_000)


def test_the_wire_has_room_for_the_largest_answer_that_the_data_allow() -> None:
    limits = Limits(answer_mb=1)
    queries = [Query("q", "c", "public", lambda: np.zeros(1), None, None)]
    assert with_room(limits, Answer(unchecked), queries).answer_mb == 1
    assert with_room(limits, Answer(unchecked, lambda query: 8 * 7680 * 4320), queries).answer_mb == 266


def unchecked(answer: Any, query: Query) -> Any:
    return answer


def sized(sizes: list[int], factor: int = 1) -> MessageSizes:
    """Return the sizes of queries of so many bytes whose answers take ``factor`` times as many."""
    queries = [Query(str(size), "c", "public", partial(np.zeros, size, np.uint8), None) for size in sizes]
    answer = Answer(unchecked, lambda query: factor * int(query.id))
    return MessageSizes(queries, answer, Limits(query_mb=1, answer_mb=1))
