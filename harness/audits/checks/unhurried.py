"""Compare timed answers with those of a twin that is asked the same (after MLPerf's TEST01): both must agree.

A model that answers differently here knew that it was being timed, or answers at random. Entries that
answer at random (dropout, a race in a kernel) are judged by their score, as in TEST01.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.audits.agreement import differing, few, not_comparable, score_alike, with_timed
from harness.audits.plugin import AuditPlugin, Seen, Setting, Step


def plan(setting: Setting) -> Sequence[Step]:
    """Put the queries again in the order and the rhythm of the timed run."""
    return [Step(index) for index in setting.asked]


def validate(setting: Setting, seen: Sequence[Seen]) -> str | None:
    """Agreement needs answers that must agree."""
    return not_comparable(setting.task) or (None if seen else "no query was answered in the timed run")


def verify(setting: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Compare with the timed answers."""
    pairs = with_timed(setting, seen)
    count = differing(setting.task, pairs)
    detail = f"{count} of {len(pairs)} answers differ from the timed ones"
    if few(count, pairs):
        return True, detail
    passed = score_alike(setting.task, pairs)
    return passed, f"{detail}, but score the same" if passed else detail


AUDIT = AuditPlugin("unhurried", plan, validate, verify, place="first")
