"""Every known cheat, against every backend this machine has: caught or worthless."""

from __future__ import annotations

import pytest

from harness.sandbox.policy import Backend
from tests.cheats.cheat import Cheat, attempt, cheats
from tests.cheats.host_under_attack import Host

SLOW = {"verdict", "lessons"}
"""Rounds in which a cheat is measured and audited twice, or taught a whole script."""
CHEATS = [
    pytest.param(cheat, id=cheat.name, marks=[pytest.mark.slow] if cheat.round in SLOW else [])
    for cheat in cheats()
]


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_caught_or_worthless(cheat: Cheat, safe: Backend, host: Host) -> None:
    outcome = attempt(cheat, safe, host)
    assert outcome.gains == frozenset(), f"it paid: {outcome}"
    assert outcome.ended in cheat.ends, outcome.message
