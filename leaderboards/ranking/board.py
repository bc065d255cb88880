"""Ranks of a board: shared where a paired test cannot tell entries apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from harness.spec import Goal
from leaderboards.ranking.contenders import Contender, quality, unranked_reason
from leaderboards.ranking.tiers import Field, tiers

if TYPE_CHECKING:
    from harness.spec import Array

_MAY_BE_MISSING = 0.01
"""The share of replicates that may be undefined (no positives drawn, say) before none is used."""


@dataclass(frozen=True)
class Ranked:
    """A contender and where it stands.

    ``rank`` counts the entries of all better tiers plus one; None with a ``reason`` for what is not ranked.
    ``leader`` is the id of the one that leads its tier and ``p_value`` the two-sided paired test
    against it, not corrected for the number of comparisons (None for the leader, and where no test could
    be made).
    """

    contender: Contender
    rank: int | None
    tier: int | None
    leader: str | None = None
    p_value: float | None = None
    reason: str = ""


def rank(
    contenders: Iterable[Contender],
    goal: Goal,
    level: float = 0.05,
    gate: float | None = None,
    top: int | None = None,
) -> list[Ranked]:
    """Rank contenders (one per team) whose replicates come from the same resamples.

    Best value first, the earlier submission first where values are equal, unranked ones last. With
    ``top`` only the first so many rows are worked out and returned, exactly as in the full board.
    Where entries have no replicates, their values alone rank them.

    Raises ``ValueError`` where replicates differ in number or in clusters: they do not belong on one board.
    """
    everyone = list(contenders)
    reasons = {one.id: unranked_reason(one, goal, gate) for one in everyone}
    order = sorted((one for one in everyone if not reasons[one.id]), key=lambda one: _place(one, goal))
    last = sorted((one for one in everyone if reasons[one.id]), key=lambda one: (one.started, one.id))
    wanted = len(everyone) if top is None else top
    placed = _in_tiers(order, goal, level, wanted) if order and wanted > 0 else []
    return [*placed, *(Ranked(one, None, None, reason=reasons[one.id]) for one in last)][:wanted]


def _place(one: Contender, goal: Goal) -> tuple[float, str, str]:
    assert one.value is not None
    return -quality(one.value, goal), one.started, one.id


def _in_tiers(order: Sequence[Contender], goal: Goal, level: float, wanted: int) -> list[Ranked]:
    """Ranks of the first ``wanted`` of a sorted board, or a few more."""
    field = _field(order, goal)
    placed = [Ranked(one, 1, 1) for one in order[: _first(field.competing)]]
    passed, number = 0, 0
    for number, tier in enumerate(tiers(field, level), start=1):
        leader = order[tier.start].id
        competing = field.competing[tier.start : tier.stop]
        size, last = int(competing.sum()), int(np.flatnonzero(competing)[-1])
        fallen = False
        for offset, one in enumerate(order[tier.start : tier.stop]):
            fallen = fallen or (offset > last and tier.behind[offset] > tier.bar)
            if fallen:
                # The first of the house that falls behind this tier would open the next one.
                placed.append(Ranked(one, passed + size + 1, number + 1))
                continue
            tested = offset > 0 and field.tested[tier.start] and field.tested[tier.start + offset]
            p_value = 2 * float(special.ndtr(-tier.behind[offset])) if tested else None
            placed.append(Ranked(one, passed + 1, number, leader, p_value))
        passed += size
        if len(placed) >= wanted:
            break
    return placed


def _first(competing: Array) -> int:
    found = np.flatnonzero(competing)
    return int(found[0]) if len(found) else len(competing)


def _field(order: Sequence[Contender], goal: Goal) -> Field:
    known = [one for one in order if one.replicates is not None]
    if len({(len(one.replicates), one.clusters) for one in known if one.replicates is not None}) > 1:
        raise ValueError("these replicates come from different resamples: they cannot share a board.")
    draws = len(known[0].replicates) if known and known[0].replicates is not None else 1
    deviations = np.full((len(order), draws), np.nan)
    for row, one in zip(deviations, order, strict=True):
        if one.replicates is not None:
            row[:] = one.replicates
    defined = np.isfinite(deviations)
    tested = defined.mean(axis=1) >= 1 - _MAY_BE_MISSING
    deviations[~defined] = 0
    deviations -= (deviations.sum(axis=1) / np.maximum(defined.sum(axis=1), 1))[:, None]
    deviations[~defined] = 0
    return Field(
        values=np.array([quality(one.value, goal) for one in order if one.value is not None]),
        deviations=deviations if goal == "max" else -deviations,
        tested=tested,
        competing=np.array([not one.mark for one in order]),
        clusters=known[0].clusters if known else 0,
    )
