"""Whether an entry is shown to be as good as a better one, and how many clusters would settle it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from harness.stats.paired import effective_degrees

if TYPE_CHECKING:
    from harness.spec import Array

LEVEL = 0.05
"""How often an entry that is worse by the whole margin may be called as good."""
_UNSEEN = 3.0
"""Of n units none of which differ, up to 3 / n of all may, at 95 % confidence (the rule of three)."""


@dataclass(frozen=True)
class Leads:
    """How far a leader is ahead of other entries: arrays of one shape, more is better for the leader.

    ``spread`` and ``skewness`` are those of ``draws`` differences of bootstrap draws over k ``clusters``.
    ``unit`` is the most that one scored unit can change the metric: its range over the number of units.
    """

    value: Array
    spread: Array
    skewness: Array
    clusters: int
    draws: int
    unit: float = 0.0


def as_good(leads: Leads, margin: float) -> Array:
    """Say whether each entry is shown to be worse than the leader by less than ``margin``, or not at all.

    The upper end of the lead's one-sided 95 % interval has to lie below the margin; the interval is that of
    ``paired_difference``, and never reaches less far than what may differ in units that were not seen.
    Under k clusters no one-sided p-value is below 2 ** -k: fewer than five show nobody to be as good.
    """
    if 2.0**-leads.clusters > LEVEL:
        return np.zeros(np.shape(leads.value), bool)
    degrees = effective_degrees(leads.skewness, leads.clusters, leads.draws)
    error = leads.spread * np.sqrt(leads.clusters / (leads.clusters - 1))
    reach = np.maximum(-special.stdtrit(degrees, LEVEL) * error, _UNSEEN * leads.unit)
    return np.asarray(leads.value + reach < margin)


def clusters_needed(leads: Leads, margin: float, bar: float) -> Array:
    """Estimate how many clusters would settle whether each entry is as good as the leader or worse.

    Either the lead, as it is observed, would be shown to lie below ``margin``, or beyond ``bar`` standard
    errors: the smaller number counts. Infinite where neither can be.
    """
    one = leads.spread * np.sqrt(leads.clusters)
    room = margin - leads.value
    with np.errstate(divide="ignore", invalid="ignore"):
        equal = np.where(room > 0, (special.ndtri(1 - LEVEL) * one / room) ** 2, np.inf)
        unseen = np.where(room > 0, _UNSEEN * leads.unit * leads.clusters / room, np.inf)
        worse = np.where(leads.value > 0, (bar * one / leads.value) ** 2, np.inf)
    least = max(leads.clusters + 1, -np.log2(LEVEL))
    return np.asarray(np.maximum(np.minimum(np.maximum(equal, unseen), worse), least))
