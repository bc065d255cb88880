"""A record as ranking sees it: whether it may rank, and which record of a team counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.record import Validity
from harness.spec import Goal

if TYPE_CHECKING:
    from harness.record.latency import ReferenceTime
    from harness.stats import Ratio
    from leaderboards.ranking.draws import BootstrapDraws
    from leaderboards.ranking.spread import Spread

Obstacle = Literal["", "invalid", "no value", "gate"]
"""What keeps a record from having a rank: it is invalid, lacks the ranking metric, or misses its gate."""


@dataclass(frozen=True)
class LatencyRatio:
    """The time as a ratio to the reference's, and the margin within which ratios count as equal.

    ``margin`` is None where the machine was not calibrated, ``reference`` where its time is not known.
    """

    ratio: Ratio
    margin: float | None = None
    reference: ReferenceTime | None = None


@dataclass(frozen=True)
class Contender:
    """One record, as far as ranking needs it.

    ``value`` is the metric that ranks; ``draws`` its bootstrap draws, or its spread over processes; None
    where it has no interval.
    ``started`` is in seconds since 1970. ``reference`` marks the entry that all others are timed against:
    it shows the rank it would have, but takes no rank from others and wins nothing.
    """

    id: str
    started: float
    value: float | None
    draws: BootstrapDraws | Spread | None = field(default=None, repr=False)
    latency: LatencyRatio | None = None
    memory_mb: float | None = None
    validity: Validity = "valid"
    reference: bool = False


def counting(contenders: Iterable[Contender]) -> list[Contender]:
    """Return the contenders that prizes and the front are drawn from: the valid ones, or all if none is."""
    everyone = list(contenders)
    return [one for one in everyone if one.validity == "valid"] or everyone


def obstacle(contender: Contender, goal: Goal, gate: float | None = None) -> Obstacle:
    """Name what keeps a contender from having a rank; empty where it has one."""
    if contender.validity == "invalid":
        return "invalid"
    if contender.value is None or not math.isfinite(contender.value):
        return "no value"
    if gate is not None and (contender.value < gate if goal == "max" else contender.value > gate):
        return "gate"
    return ""


def quality(value: float, goal: Goal) -> float:
    """Turn a value so that more is better."""
    return value if goal == "max" else -value


class Standing(NamedTuple):
    """The order of the records of one team: the smallest is the one that counts.

    Records that rank come before those that do not, valid ones before provisional ones, then the better
    value, then the one whose time was measured better, then the earlier start. Of records without a rank the
    latest counts. A board is sorted in the same way, except that provisional rows are among the valid ones
    and how well time was measured says nothing there: see ``board_order``.
    """

    unranked: bool
    not_valid: bool
    sort_key: float
    imprecision: float
    started: float
    id: str

    @property
    def board_order(self) -> tuple[bool, float, float, str]:
        """The order of the rows of a board."""
        return self.unranked, self.sort_key, self.started, self.id


def standing(contender: Contender, goal: Goal, gate: float | None = None) -> Standing:
    """Return what sorts a contender among its team's records and on its board."""
    value, started = contender.value, contender.started
    unranked = bool(obstacle(contender, goal, gate))
    sort_key = -started if unranked or value is None else -quality(value, goal)
    not_valid = unranked or contender.validity != "valid"
    error = imprecision(contender.latency.ratio if contender.latency else None)
    return Standing(unranked, not_valid, sort_key, 0.0 if unranked else error, started, contender.id)


def imprecision(ratio: Ratio | None) -> float:
    """Return half the interval of a time ratio on the log scale, to 0.001; infinite where there is none."""
    if ratio is None or ratio.low is None or ratio.high is None:
        return math.inf
    return round(math.log(ratio.high / ratio.low) / 2, 3)
