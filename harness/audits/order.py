"""The same queries in another order (MLPerf's TEST05): neighbours change, answers must not.

Who answers one query with what it found for the one before, or by its place in a list it knows, is
right by another order only. Tasks whose order has a meaning are left out: there a model may remember.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.audits.agreement import judged
from harness.audits.plugin import Plugin, Seen, Setting, Step
from harness.audits.unhurried import paired_with_timed


def plan(setting: Setting) -> Sequence[Step]:
    """Put the queries in an order of their own, without rest."""
    if setting.task.ordered:
        return []
    order = list(setting.asked)
    setting.chance().shuffle(order)
    return [Step(index) for index in order]


def validate(_: Setting, seen: Sequence[Seen]) -> str | None:
    """An order of one is no order."""
    return None if len(seen) > 2 else "too few queries for another order"


def verify(setting: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Compare with the timed answers."""
    return judged(setting.task, paired_with_timed(setting, seen))


order = Plugin("order", plan, validate, verify)
