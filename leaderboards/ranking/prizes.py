"""The two prizes: one for accuracy, one for the performance of accurate entries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.record.latency import reference_moved
from harness.stats import SpeedVerdict, compare_ratios
from leaderboards.ranking.contenders import Contender, LatencyRatio, counting
from leaderboards.ranking.ranks import Ranked


@dataclass(frozen=True)
class Winners:
    """Ids of the winners; several winners share a prize."""

    accuracy: tuple[str, ...]
    performance: tuple[str, ...]


def winners(ranked: Sequence[Ranked], share: float, margin: float, level: float = 0.05) -> Winners:
    """Find the winners on a board, given in the order of its accuracy. The reference wins nothing.

    Accuracy: the best entry and those that are shown to be as good. Performance: the fastest of these and of
    the first ``share`` by accuracy; see ``runtime_tiers``. Only contenders that count win (see ``counting``),
    and none whose value is the worst that the metric can be.
    """
    contenders = {contender.id for contender in counting(one.contender for one in ranked)}
    running = [
        one
        for one in ranked
        if one.rank is not None and one.contender.id in contenders and not one.contender.reference
    ]
    # The tolerance keeps 10 % of 30, 3.0000000000000004 in floating point, at three.
    first = math.ceil(share * len(running) - 1e-9)
    worthy = [
        (position, one)
        for position, one in enumerate(running)
        if one.parity is None or not one.parity.nothing
    ]
    best = [
        one.contender
        for position, one in worthy
        if position == 0 or (one.parity is not None and one.parity.eligible)
    ]
    accurate = [one.contender for position, one in worthy if position < first or one.contender in best]
    fastest = next(runtime_tiers(accurate, margin, level), [])
    return Winners(
        accuracy=tuple(contender.id for contender in best),
        performance=tuple(contender.id for contender in fastest),
    )


def runtime_tiers(
    contenders: Iterable[Contender], margin: float, level: float = 0.05
) -> Iterator[list[Contender]]:
    """Yield tiers by latency and, within such a tier, by peak memory; the best tier first, on demand.

    The fastest is compared with all slower ones (Welch, the wider of both margins, Holm); the first that is
    significantly slower opens the next tier. ``margin`` is used for contenders without a margin of their
    own. Among equally fast ones the least memory comes first, and those within ``margin`` above it share its
    tier. Contenders without an interval on their latency are in no tier.
    """
    timed = [
        (contender, contender.latency)
        for contender in sorted(contenders, key=lambda contender: (contender.started, contender.id))
        if contender.latency is not None and contender.latency.ratio.low is not None
    ]
    queue = sorted(timed, key=lambda pair: pair[1].ratio.log_mean)
    while queue:
        size = _as_fast([latency for _, latency in queue], margin, level)
        yield from _by_memory([contender for contender, _ in queue[:size]], margin)
        queue = queue[size:]


def _as_fast(queue: Sequence[LatencyRatio], margin: float, level: float) -> int:
    """Count those of the queue, fastest first, that precede the first one slower than its leader."""
    margins = [margin if latency.margin is None else latency.margin for latency in queue]
    undecided = list(range(1, len(queue)))
    slower: list[int] = []
    while undecided:
        # Holm: each round divides the level by the comparisons still undecided.
        confidence = 1 - level / len(undecided)
        decided = {
            i
            for i in undecided
            if _verdict(queue[0], queue[i], max(margins[0], margins[i]), confidence) == "faster"
        }
        if not decided:
            break
        slower += decided
        undecided = [i for i in undecided if i not in decided]
    return min(slower, default=len(queue))


def _verdict(a: LatencyRatio, b: LatencyRatio, margin: float, confidence: float) -> SpeedVerdict:
    moved = reference_moved(a.reference, b.reference)
    return compare_ratios(a.ratio, b.ratio, margin, confidence, moved)


def _by_memory(tier: Sequence[Contender], margin: float) -> list[list[Contender]]:
    """Split a tier into groups of similar memory, the least first; unknown memory comes last."""
    groups: list[list[Contender]] = []
    for contender in sorted(tier, key=_memory):
        if groups and (_memory(contender) <= _memory(groups[-1][0]) * (1 + margin)):
            groups[-1].append(contender)
        else:
            groups.append([contender])
    return groups


def _memory(contender: Contender) -> float:
    memory = contender.memory_mb
    return memory if memory is not None and math.isfinite(memory) else math.inf
