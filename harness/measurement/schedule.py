"""Who is asked what, decided before anything runs: replicates, warm-up, blocks and their order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.spec import Query, Scenario

if TYPE_CHECKING:
    from harness.spec import Arrays

WARM_MOST = 100
BLOCK_S = 0.2
BLOCK_LEAST, BLOCK_MOST = 4, 256
STREAMS = 8
"""Queries a request holds in multi_stream: MLPerf's sample count."""


@dataclass(frozen=True)
class Share:
    """What one replicate is asked: queries to warm up with, then those that are timed, by index."""

    warm_up: tuple[int, ...]
    timed: tuple[int, ...]

    def blocks(self, size: int) -> Iterator[tuple[int, ...]]:
        """The timed queries in pieces of ``size``, in order."""
        for start in range(0, len(self.timed), size):
            yield self.timed[start : start + size]


def shares(
    queries: Sequence[Query], replicates: int, seed: int, *, divide: bool, ordered: bool
) -> list[Share]:
    """Deal whole clusters to the replicates, or, without ``divide``, everything to each.

    Warm-up queries come from the cluster that is timed last, so that a model that keeps state never
    sees the warm-up run into the first timed cluster. With more replicates than clusters some
    clusters are timed by several replicates.
    """
    rng = random.Random(seed)
    clusters: dict[str, list[int]] = {}
    for index, query in enumerate(queries):
        clusters.setdefault(query.cluster, []).append(index)
    groups = list(clusters.values())
    rng.shuffle(groups)
    hands: list[list[list[int]]] = [[] if divide else list(groups) for _ in range(replicates)]
    if divide:
        for group in sorted(groups, key=len, reverse=True):
            min(hands, key=lambda hand: sum(map(len, hand))).append(group)
    dealt = []
    for number, hand in enumerate(hands):
        mine = hand or [groups[number % len(groups)]]
        rng.shuffle(mine)
        timed = [index for group in mine for index in group]
        if not ordered:
            rng.shuffle(timed)
        dealt.append(Share(tuple(mine[-1][:WARM_MOST]), tuple(timed)))
    return dealt


def turns(seed: int, process: int) -> Iterator[bool]:
    """Whether the submission goes first in each block of a process: AB BA or BA AB, each pair by lot.

    Of two processes in a row the second does the opposite: where the queries make one block only, whoever
    goes first must not do so in more of the processes than the other.
    """
    rng = random.Random(seed + process // 2)
    while True:
        first = (rng.random() < 0.5) != (process % 2 == 1)
        yield first
        yield not first


def block_size(query_s: float, scenario: Scenario) -> int:
    """How many queries take the reference about BLOCK_S when one takes it ``query_s``."""
    size = int(BLOCK_S / max(query_s, 1e-6))
    least = STREAMS if scenario == "multi_stream" else BLOCK_LEAST
    return max(least, min(BLOCK_MOST, size) // least * least)


def requests(block: Sequence[int], scenario: Scenario, most_at_once: int) -> list[tuple[int, ...]]:
    """The block in requests: one query each, STREAMS together, or (offline) as many as fit the wire."""
    width = {"single_stream": 1, "server": 1, "multi_stream": STREAMS, "offline": BLOCK_MOST}[scenario]
    width = min(width, most_at_once)
    return [tuple(block[start : start + width]) for start in range(0, len(block), width)]


def most_at_once(x: Arrays, segment_bytes: int) -> int:
    """How many queries like ``x`` fit into one request, with room for the layout."""
    arrays = list(x.values()) if isinstance(x, Mapping) else [x]
    size = sum(-(-array.nbytes // 64) * 64 + 256 for array in arrays)
    return max(1, segment_bytes // size)
