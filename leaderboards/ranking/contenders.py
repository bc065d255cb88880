"""A row of a board as ranking sees it, and which rows of a team stand for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.record import Validity
from harness.spec import Goal

if TYPE_CHECKING:
    from harness.spec import Array
    from harness.stats import Ratio

Mark = Literal["", "baseline", "reference"]
_VALIDITY_ORDER: dict[Validity, int] = {"valid": 0, "provisional": 1, "invalid": 2}


@dataclass(frozen=True)
class Contender:
    """What ranks of one record.

    ``value`` is the metric that ranks; ``replicates`` its bootstrap replicates (b,), None where the
    metric has no interval, over ``clusters`` clusters; ``latency`` the ratio to the
    reference, and ``margin`` what differences of it have to exceed where it was measured (None: not known).
    ``started`` is ISO 8601 in UTC: earlier sorts first. ``mark`` names the entries of the
    house: they show the rank they would hold, but displace nobody and win nothing.
    """

    id: str
    team: str
    started: str
    value: float | None
    replicates: Array | None = field(default=None, compare=False, repr=False)
    clusters: int = 0
    latency: Ratio | None = None
    margin: float | None = None
    memory_mb: float | None = None
    validity: Validity = "valid"
    mark: Mark = ""

    @property
    def eligible(self) -> bool:
        """Whether it may win a prize."""
        return self.validity == "valid" and not self.mark


def unranked_reason(contender: Contender, goal: Goal, gate: float | None = None) -> str:
    """Why this contender has no rank, in words; empty where it has one."""
    if contender.validity == "invalid":
        return "invalid"
    if contender.value is None or not math.isfinite(contender.value):
        return "no value"
    if gate is not None and (contender.value < gate if goal == "max" else contender.value > gate):
        return f"misses the gate of {gate:g}"
    return ""


def quality(value: float, goal: Goal) -> float:
    """The value turned so that more is better."""
    return value if goal == "max" else -value


def best_per_team(contenders: Iterable[Contender], goal: Goal, gate: float | None = None) -> list[Contender]:
    """One contender for every team, in the order in which the teams first appear.

    Its best: what ranks before what does not, valid before provisional, then the better value, then
    the earlier submission. Entries without a team, and those of the house, stand for themselves.
    """
    best: dict[tuple[str, str], tuple[tuple[object, ...], Contender]] = {}
    for one in contenders:
        team = ("entry", one.id) if one.mark or not one.team else ("team", one.team)
        missing = bool(unranked_reason(one, goal, gate))
        value = 0.0 if missing or one.value is None else -quality(one.value, goal)
        standing = (missing, _VALIDITY_ORDER[one.validity], value, one.started, one.id)
        if team not in best or standing < best[team][0]:
            best[team] = (standing, one)
    return [one for _, one in best.values()]
