"""The four tiers, best first, and the choice among them."""

from __future__ import annotations

from harness.errors import NotAvailable, UnknownName
from harness.sandbox.policy import Tier
from harness.sandbox.tiers.bare import Bare
from harness.sandbox.tiers.bubblewrap import Bubblewrap
from harness.sandbox.tiers.landlock import Landlocked
from harness.sandbox.tiers.uid import OtherUser

_TIERS: tuple[Tier, ...] = (Bubblewrap(), OtherUser(), Landlocked(), Bare())


def all_tiers() -> tuple[Tier, ...]:
    """Every tier there is, best first, also those that do not work here."""
    return _TIERS


def choose(name: str | None = None) -> Tier:
    """Return the best tier that works here, or the one called ``name``.

    Raises UnknownName for a name that is none, NotAvailable where that tier, or any, does not work.
    """
    wanted = [tier for tier in _TIERS if name in {None, tier.name}]
    if not wanted:
        raise UnknownName("isolation", str(name), [tier.name for tier in _TIERS])
    reasons = []
    for tier in wanted:
        reason = tier.missing()
        if reason is None:
            return tier
        reasons.append(f"{tier.name}: {reason}")
    raise NotAvailable("isolation " + "; ".join(reasons))
