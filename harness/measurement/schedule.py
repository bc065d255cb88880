"""Assign queries to processes and fix their order before anything runs."""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from harness.measurement.message_sizes import MessageSizes
from harness.spec import Interaction, Query, Scenario

WARM_MOST = 100
BLOCK_S = 0.2
BLOCK_LEAST, BLOCK_MOST = 4, 256
PARTS = 8
"""At least so many blocks are made of a share that a slow model need not finish."""
STREAMS = 8
"""Queries a request holds in multi_stream: MLPerf's sample count."""


@dataclass(frozen=True)
class Share:
    """What one process is asked, by index: warm-up queries, then those that are timed."""

    warm_up: tuple[int, ...]
    timed: tuple[int, ...]

    def blocks(self, size: int) -> Iterator[tuple[int, ...]]:
        """Yield the timed queries in pieces of ``size``, in order."""
        for start in range(0, len(self.timed), size):
            yield self.timed[start : start + size]


def shares(queries: Sequence[Query], processes: int, seed: int, interaction: Interaction) -> list[Share]:
    """Deal whole clusters to the processes, or all of them to each where they are not shared.

    Warm-up queries come from a cluster that this process is not timed on, so that answers remembered from the
    warm-up gain nothing; where a process is timed on every cluster, from the one timed last, so that a model
    that keeps state never sees the warm-up run into the first timed cluster. Lessons are no warm-up. Where
    the order is a script, the warm-up is the questions before its first lesson: later ones may ask for what
    has not been taught. With more processes than clusters some clusters are timed by several processes.
    """
    rng = random.Random(seed)
    groups = _clusters(queries)
    if not interaction.scripted:
        rng.shuffle(groups)
    dealt = []
    for number, hand in enumerate(_hands(groups, processes, interaction.shared)):
        mine = hand or [groups[number % len(groups)]]
        if not interaction.scripted:
            rng.shuffle(mine)
        timed = [index for group in mine for index in group]
        if not interaction.ordered:
            rng.shuffle(timed)
        held = {group[0] for group in mine}
        others = [] if interaction.scripted else [group for group in groups if group[0] not in held]
        questions = [index for index in (others or mine)[-1] if queries[index].teach is None]
        if interaction.scripted:
            questions = list(takewhile(lambda index: queries[index].teach is None, timed)) or questions
        dealt.append(Share(tuple(questions[:WARM_MOST]), tuple(timed)))
    return dealt


def _clusters(queries: Sequence[Query]) -> list[list[int]]:
    """Return the indices of the queries of each cluster, in the order given."""
    clusters: dict[str, list[int]] = {}
    for index, query in enumerate(queries):
        clusters.setdefault(query.cluster, []).append(index)
    return list(clusters.values())


def _hands(groups: Sequence[list[int]], processes: int, shared: bool) -> list[list[list[int]]]:
    """Divide the clusters into hands of about equal size, or give each process all of them."""
    if not shared:
        return [list(groups) for _ in range(processes)]
    hands: list[list[list[int]]] = [[] for _ in range(processes)]
    for group in sorted(groups, key=len, reverse=True):
        min(hands, key=lambda hand: sum(map(len, hand))).append(group)
    return hands


def turns(seed: int, process: int) -> Iterator[bool]:
    """Say for each block of a process whether the submission goes first: AB BA or BA AB, drawn for each pair.

    Of two processes in a row the second does the opposite: where the queries make one block only, whoever
    goes first must not do so in more of the processes than the other.
    """
    rng = random.Random(seed + process // 2)
    while True:
        first = (rng.random() < 0.5) != (process % 2 == 1)
        yield first
        yield not first


def block_size(reference_s: float, submission_s: float, scenario: Scenario) -> int:
    """How many queries take both sides about BLOCK_S, when one takes them so many seconds.

    A block is short so that it fits between two bursts of others. A slow submission makes it at most eight
    times as short as the reference alone would: how often caches are cold is not the contestant's choice.
    """
    both = BLOCK_S / max(reference_s + submission_s, 1e-6)
    alone = BLOCK_S / max(reference_s, 1e-6) / PARTS
    least = STREAMS if scenario == "multi_stream" else BLOCK_LEAST
    return max(least, min(BLOCK_MOST, int(max(both, alone))) // least * least)


def requests(
    block: Sequence[int], scenario: Scenario, sizes: MessageSizes, lessons: Container[int] = ()
) -> list[tuple[int, ...]]:
    """Divide the block into requests: one query each, STREAMS together, or (offline) as many as fit the wire.

    A lesson is a request of its own, and no request reaches across one.
    """
    width = {"single_stream": 1, "server": 1, "multi_stream": STREAMS, "offline": BLOCK_MOST}[scenario]
    made: list[tuple[int, ...]] = []
    for is_lesson, run in groupby(block, lambda index: index in lessons):
        if is_lesson or width == 1:
            made += [(index,) for index in run]
        else:
            made += sizes.packed(list(run), width)
    return made
