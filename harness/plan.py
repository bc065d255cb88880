"""Who is asked what, decided before anything runs: replicates, warm-up, blocks and their order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.spec import Query

WARM_MOST = 100


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
    chance = random.Random(seed)
    clusters: dict[str, list[int]] = {}
    for index, query in enumerate(queries):
        clusters.setdefault(query.cluster, []).append(index)
    groups = list(clusters.values())
    chance.shuffle(groups)
    hands: list[list[list[int]]] = [[] if divide else list(groups) for _ in range(replicates)]
    if divide:
        for group in sorted(groups, key=len, reverse=True):
            min(hands, key=lambda hand: sum(map(len, hand))).append(group)
    dealt = []
    for number, hand in enumerate(hands):
        mine = hand or [groups[number % len(groups)]]
        chance.shuffle(mine)
        timed = [index for group in mine for index in group]
        if not ordered:
            chance.shuffle(timed)
        dealt.append(Share(tuple(mine[-1][:WARM_MOST]), tuple(timed)))
    return dealt


def turns(seed: int) -> Iterator[bool]:
    """Whether the submission goes first in each block: AB BA or BA AB, each pair by lot."""
    chance = random.Random(seed)
    while True:
        first = chance.random() < 0.5
        yield first
        yield not first
