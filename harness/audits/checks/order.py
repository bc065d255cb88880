"""Ask the same queries in another order (MLPerf's TEST05): the answers must not change.

A model that answers a query with the result of the one before, or by its place in a known list, is wrong
in another order. Tasks in which the order has a meaning are left out: there a model may keep state.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.audits.agreement import differing, few, not_comparable, score_alike, with_timed
from harness.audits.plugin import AuditPlugin, Seen, Setting, Step


def plan(setting: Setting) -> Sequence[Step]:
    """Ask in a random order, twice, so that an entry that answers at random is recognised as such."""
    if setting.task.interaction.ordered:
        return []
    order = list(setting.asked)
    setting.rng().shuffle(order)
    return [Step(index) for index in order] * 2


def validate(setting: Setting, seen: Sequence[Seen]) -> str | None:
    """Refuse to judge too few queries, and answers that need not agree."""
    return not_comparable(setting.task) or (None if len(seen) > 4 else "too few queries for another order")


def verify(setting: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Compare with the timed answers; where many differ, see whether the same order gives the same twice."""
    task, half = setting.task, len(seen) // 2
    pairs, again = with_timed(setting, seen[:half]), with_timed(setting, seen[half:])
    count = differing(task, pairs)
    random_answers = differing(
        task, [(one[1], two[1], one[2]) for one, two in zip(pairs, again, strict=True)]
    )
    detail = f"{count} of {len(pairs)} answers differ in another order"
    if few(count, pairs):
        return True, detail
    passed = 2 * random_answers > count and score_alike(task, pairs)
    return passed, f"{detail}, but also in the same order, and score the same" if passed else detail


AUDIT = AuditPlugin("order", plan, validate, verify)
