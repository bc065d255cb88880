"""Measure CPU time right after a lesson, while nothing is asked.

A model that starts a thread in ``update`` and returns at once trains beside the clock, or while the
reference is timed. The rest begins right after the lesson, because a training may be short:
one of less than 0.09 s of CPU is not told from thread pools that spin.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.audits.plugin import AuditPlugin, Seen, Setting, Step

MOST_LESSONS, MOST_STEPS = 3, 200
REST_S = 0.3
MOST_SHARE = 0.3
"""Of one core over all rests: thread pools spin for some milliseconds after their work."""


def plan(setting: Setting) -> Sequence[Step]:
    """Follow the script past what the first audit asked, through a few lessons, with a rest after each."""
    if not setting.task.interaction.scripted:
        return []
    clusters = {setting.queries[index].cluster for index in setting.timed}
    script = [index for index, query in enumerate(setting.queries) if query.cluster in clusters]
    steps: list[Step] = []
    lessons = 0
    for index in script[len(setting.asked) :][:MOST_STEPS]:
        steps.append(Step(index))
        if setting.queries[index].teach:
            steps.append(Step(None, rest_s=REST_S))
            lessons += 1
        if lessons == MOST_LESSONS:
            break
    return steps if lessons else []


def validate(_: Setting, seen: Sequence[Seen]) -> str | None:
    """Refuse to judge where no idle time was measured."""
    return None if any(each.step.query is None for each in seen) else "no idle time was measured"


def verify(_: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Compare the CPU time of all rests with what thread pools may use."""
    rests = [each for each in seen if each.step.query is None]
    used, rested = sum(each.rest_cpu_s for each in rests), REST_S * len(rests)
    return used <= MOST_SHARE * rested, f"used {used:.2f} s of CPU in {rested:.1f} s after lessons"


AUDIT = AuditPlugin("lessons", plan, validate, verify, place="last")
