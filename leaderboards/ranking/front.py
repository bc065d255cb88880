"""The Pareto front of accuracy, latency and memory."""

from __future__ import annotations

import math
from collections.abc import Iterable

from harness.spec import Goal
from leaderboards.ranking.contenders import Contender, counting, obstacle, quality


def pareto_front(contenders: Iterable[Contender], goal: Goal, gate: float | None = None) -> frozenset[str]:
    """Return the ids of the contenders that no other dominates in value, latency and memory.

    A contender is dominated where another is at least as good in all three and better in one. Only
    contenders that count are considered (see ``counting``), and none that has no rank or lacks one of the
    three quantities is on the front.
    """
    points = sorted(
        (-quality(one.value, goal), one.latency.ratio.value, one.memory_mb, one.id)
        for one in counting(contenders)
        if not obstacle(one, goal, gate)
        and one.value is not None
        and one.latency is not None
        and one.memory_mb is not None
        and math.isfinite(one.latency.ratio.value)
        and math.isfinite(one.memory_mb)
    )
    front: list[tuple[float, float, float, str]] = []
    for point in points:
        # In sorted order only an earlier point can dominate a later one, and equal points do not.
        if not any(
            other[1] <= point[1] and other[2] <= point[2] and other[:3] != point[:3] for other in front
        ):
            front.append(point)
    return frozenset(point[3] for point in front)
