"""Timed answers against unhurried ones (MLPerf's TEST01): a second accuracy run must agree.

Who answers differently when nobody hurries it knew that it was being timed.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.audits.agreement import judged
from harness.audits.plugin import Plugin, Seen, Setting, Step

REST_S = 0.002


def plan(setting: Setting) -> Sequence[Step]:
    """Put the queries again in the order of the timed run, with a rest before each."""
    return [Step(index, rest_s=REST_S) for index in setting.asked]


def validate(_: Setting, seen: Sequence[Seen]) -> str | None:
    """Agreement needs answers to agree with."""
    return None if seen else "no query was answered in the timed run"


def verify(setting: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Compare with the timed answers."""
    return judged(setting.task, paired_with_timed(setting, seen))


def paired_with_timed(setting: Setting, seen: Sequence[Seen]) -> list[tuple]:  # type: ignore[type-arg]
    """For each query: the timed answer, the one seen now, the truth."""
    return [
        (setting.timed[each.step.query], each.answer, setting.queries[each.step.query].truth)
        for each in seen
        if each.step.query is not None and each.answer is not None
    ]


unhurried = Plugin("unhurried", plan, validate, verify)
