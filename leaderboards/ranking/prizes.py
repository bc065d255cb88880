"""The two prizes, the ranking by run time, and the front on which nobody is beaten in everything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.spec import Goal
from harness.stats import Ratio, compare_ratios
from leaderboards.ranking.board import Ranked
from leaderboards.ranking.contenders import Contender, quality, unranked_reason


@dataclass(frozen=True)
class Prizes:
    """Ids of the winners (several: they share)."""

    accuracy: tuple[str, ...]
    performance: tuple[str, ...]


def prizes(ranked: Sequence[Ranked], share: float, margin: float, level: float = 0.05) -> Prizes:
    """Who wins on a board ranked by accuracy, of those who may win (valid, not of the house).

    Accuracy: the best tier. Performance: the fastest of the first ``share`` by accuracy, at least one entry
    and whole tiers; see ``runtime_ranking``.
    """
    in_running = [one for one in ranked if one.rank is not None and one.contender.eligible]
    if not in_running:
        return Prizes((), ())
    best = in_running[0].rank
    # The tolerance keeps 10 % of 30, 3.0000000000000004 in floating point, at three.
    cut = in_running[max(math.ceil(share * len(in_running) - 1e-9), 1) - 1].rank
    assert best is not None and cut is not None
    fast = [one.contender for one in in_running if one.rank is not None and one.rank <= cut]
    fastest = next(_runtime_tiers(fast, margin, level), [])
    return Prizes(
        accuracy=tuple(one.contender.id for one in in_running if one.rank == best),
        performance=tuple(one.id for one in fastest),
    )


def runtime_ranking(contenders: Iterable[Contender], margin: float, level: float = 0.05) -> list[Ranked]:
    """Rank by latency, in tiers; within such a tier by peak memory.

    The fastest is compared with all slower ones (Welch, the wider of both margins, Holm); the first that is
    significantly slower opens the next tier. ``margin`` holds for who has none. In a tier the least memory
    comes first, and who needs no more than ``margin`` above it shares its rank. Without an interval on its
    latency nothing is ranked.
    """
    everyone = list(contenders)
    placed: list[Ranked] = []
    for tier, group in enumerate(_runtime_tiers(everyone, margin, level), start=1):
        place = len(placed) + 1
        placed += [Ranked(one, place, tier, group[0].id) for one in group]
    known = {one.contender.id for one in placed}
    untimed = sorted((one for one in everyone if one.id not in known), key=_arrival)
    return placed + [Ranked(one, None, None, reason="no latency interval") for one in untimed]


def _runtime_tiers(contenders: Iterable[Contender], margin: float, level: float) -> Iterator[list[Contender]]:
    """The tiers of ``runtime_ranking`` from the top, each found when asked for."""
    timed = [
        (one, one.latency)
        for one in sorted(contenders, key=_arrival)
        if one.latency is not None and one.latency.low is not None
    ]
    queue = sorted(timed, key=lambda pair: pair[1].log_mean)
    while queue:
        size = _as_fast(queue, margin, level)
        yield from _by_memory([one for one, _ in queue[:size]], margin)
        queue = queue[size:]


def _arrival(one: Contender) -> tuple[str, str]:
    return one.started, one.id


def pareto(contenders: Iterable[Contender], goal: Goal, gate: float | None = None) -> frozenset[str]:
    """Ids of those that nobody beats in value, latency and memory at once.

    Beaten: another is at least as good in all three and better in one. What misses one of the three, or
    is not ranked, is never on the front.
    """
    points = sorted(
        (-quality(one.value, goal), one.latency.value, one.memory_mb, one.id)
        for one in contenders
        if not unranked_reason(one, goal, gate)
        and one.value is not None
        and one.latency is not None
        and one.memory_mb is not None
        and math.isfinite(one.latency.value)
        and math.isfinite(one.memory_mb)
    )
    front: list[tuple[float, float, float, str]] = []
    for point in points:
        # In sorted order only an earlier point can beat a later one, and equals beat nobody.
        if not any(
            other[1] <= point[1] and other[2] <= point[2] and other[:3] != point[:3] for other in front
        ):
            front.append(point)
    return frozenset(point[3] for point in front)


def _as_fast(queue: Sequence[tuple[Contender, Ratio]], margin: float, level: float) -> int:
    """How many of the queue, fastest first, precede the first that is slower than its leader."""
    leader = queue[0][1]
    margins = [margin if one.margin is None else one.margin for one, _ in queue]
    open_ = list(range(1, len(queue)))
    slower: list[int] = []
    while open_:
        # Holm: each round divides the level by the comparisons still open.
        confidence = 1 - level / len(open_)
        found = {
            i
            for i in open_
            if compare_ratios(leader, queue[i][1], max(margins[0], margins[i]), confidence) == "faster"
        }
        if not found:
            break
        slower += found
        open_ = [i for i in open_ if i not in found]
    return min(slower, default=len(queue))


def _by_memory(tier: Sequence[Contender], margin: float) -> list[list[Contender]]:
    """The tier in groups of like memory, least first; those of unknown memory last."""
    groups: list[list[Contender]] = []
    for one in sorted(tier, key=_memory):
        if groups and (_memory(one) <= _memory(groups[-1][0]) * (1 + margin)):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _memory(one: Contender) -> float:
    return one.memory_mb if one.memory_mb is not None and math.isfinite(one.memory_mb) else math.inf
