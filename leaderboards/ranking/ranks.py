"""Ranks of a board: shared where a paired test cannot tell entries apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from harness.spec import Goal
from leaderboards.ranking.contenders import Contender, Obstacle, obstacle, quality, standing
from leaderboards.ranking.draws import BootstrapDraws, same_resamples
from leaderboards.ranking.parity import ANY_SCALE, Parities, Parity, Scale
from leaderboards.ranking.spread import Spread, Spreads
from leaderboards.ranking.tiers import Evidence, Field, Tier, tiers

if TYPE_CHECKING:
    from harness.spec import Array

_MAY_BE_MISSING = 0.01
"""The share of draws that may be undefined (no positives drawn, say) before none is used."""


@dataclass(frozen=True)
class Ranked:
    """A contender and its rank.

    ``rank`` is one plus the number of entries in all better tiers, None where ``obstacle`` says what keeps
    it from having one. ``leader`` is the id of the entry that leads its tier and ``p_value`` the two-sided
    paired test against it, not corrected for the number of comparisons (None for the leader, and where no
    test could be made). ``parity`` says whether it is as good as those; None where it has no rank or is the
    reference.
    """

    contender: Contender
    rank: int | None
    tier: int | None
    leader: str | None = None
    p_value: float | None = None
    obstacle: Obstacle = ""
    parity: Parity | None = None


def rank(
    contenders: Iterable[Contender],
    goal: Goal,
    level: float = 0.05,
    gate: float | None = None,
    scale: Scale = ANY_SCALE,
) -> list[Ranked]:
    """Rank contenders (one per team) whose bootstrap draws come from the same resamples.

    Best value first, the earlier submission first where values are equal, unranked ones last. Contenders
    without draws are ranked by their values alone; those whose draws cannot be used are told apart from none.

    Raises ``ValueError`` where draws differ in number or in clusters: they do not belong on one board.
    """
    order = sorted(contenders, key=lambda contender: standing(contender, goal, gate).board_order)
    obstacles = [obstacle(contender, goal, gate) for contender in order]
    split = obstacles.count("")
    ranked = _in_tiers(order[:split], goal, level, scale) if split else []
    unranked = zip(order[split:], obstacles[split:], strict=True)
    return [*ranked, *(Ranked(contender, None, None, obstacle=why) for contender, why in unranked)]


def board_ranks(
    contenders: Iterable[Contender], goal: Goal, gate: float | None = None, scale: Scale = ANY_SCALE
) -> list[Ranked]:
    """Rank a whole board: valid contenders among themselves, and each provisional one among all.

    So a provisional contender never changes the rank of a valid one. Best value first; see ``rank``.
    """
    everyone = rank(contenders, goal, gate=gate, scale=scale)
    valid = [one.contender for one in everyone if one.contender.validity == "valid"]
    if len(valid) == len(everyone):
        return everyone
    among_valid = {one.contender.id: one for one in rank(valid, goal, gate=gate, scale=scale)}
    return [among_valid.get(one.contender.id, one) for one in everyone]


def _in_tiers(order: Sequence[Contender], goal: Goal, level: float, scale: Scale) -> list[Ranked]:
    """Rank the contenders of a sorted board."""
    field = _field(order, goal, scale)
    ranked = [Ranked(contender, 1, 1) for contender in order[: _first(field.competing)]]
    passed, beside_best = 0, None
    for number, tier in enumerate(tiers(field, level), start=1):
        if beside_best is None:
            beside_best = Parities(field, tier, scale.margin)
        beside_leader = Parities(field, tier, scale.margin)
        for one in _one_tier(order, field, tier, number, passed):
            at = len(ranked)
            parity = beside_leader.of(at, beside_best) if field.competing[at] else None
            ranked.append(replace(one, parity=parity))
        passed += int(field.competing[tier.start : tier.stop].sum())
    return ranked


def _one_tier(order: Sequence[Contender], field: Field, tier: Tier, number: int, passed: int) -> list[Ranked]:
    """Rank one tier, the ``number``-th, after ``passed`` competing entries in better tiers."""
    leader = order[tier.start].id
    competing = field.competing[tier.start : tier.stop]
    size, last = int(competing.sum()), int(np.flatnonzero(competing)[-1])
    ranked = []
    next_tier = False
    for offset, contender in enumerate(order[tier.start : tier.stop]):
        # A reference entry that is significantly worse than this tier's leader has the next tier's rank.
        next_tier = next_tier or (offset > last and tier.behind[offset] > tier.bar)
        if next_tier:
            ranked.append(Ranked(contender, passed + size + 1, number + 1))
            continue
        tested = offset > 0 and field.tested[tier.start] and field.tested[tier.start + offset]
        p_value = 2 * float(special.ndtr(-tier.behind[offset])) if tested else None
        ranked.append(Ranked(contender, passed + 1, number, leader, p_value))
    return ranked


def _first(competing: Array) -> int:
    positions = np.flatnonzero(competing)
    return int(positions[0]) if len(positions) else len(competing)


def _field(order: Sequence[Contender], goal: Goal, scale: Scale) -> Field:
    drawn = [one.draws for one in order if isinstance(one.draws, BootstrapDraws)]
    known = same_resamples(drawn)
    width = len(known[0].draws) if known else 1
    deviations = np.full((len(order), width), np.nan)
    for row, contender in zip(deviations, order, strict=True):
        if isinstance(contender.draws, BootstrapDraws) and contender.draws in known:
            row[:] = contender.draws.draws
    defined = np.isfinite(deviations)
    tested = defined.mean(axis=1) >= 1 - _MAY_BE_MISSING
    deviations[~defined] = 0
    deviations -= (deviations.sum(axis=1) / np.maximum(defined.sum(axis=1), 1))[:, None]
    deviations[~defined] = 0
    return Field(
        values=np.array([quality(one.value, goal) for one in order if one.value is not None]),
        deviations=deviations if goal == "max" else -deviations,
        drawn=np.array([isinstance(contender.draws, BootstrapDraws) for contender in order]),
        tested=tested,
        competing=np.array([not contender.reference for contender in order]),
        evidence=Evidence(known[0].clusters, scale.unit(known[0])) if known else Evidence(),
        spreads=_spreads(order, scale),
        worst=quality(scale.bounds[0] if goal == "max" else scale.bounds[1], goal),
    )


def _spreads(order: Sequence[Contender], scale: Scale) -> Spreads:
    found = [one.draws if isinstance(one.draws, Spread) else None for one in order]
    errors = np.array([one.log_se if one else np.nan for one in found])
    degrees = np.array([one.df if one else np.nan for one in found])
    return Spreads(errors, degrees, scale.margin or 0.0)
