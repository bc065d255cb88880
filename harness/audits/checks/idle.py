"""Measure CPU time while nothing is asked.

A model that works between queries does work that the clock does not see, or slows other processes. Thread
pools that spin for a while after work are given time to settle.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.audits.plugin import AuditPlugin, Seen, Setting, Step

SETTLE_S = 0.4
REST_S = 0.3
MOST_SHARE = 0.25
"""Of one core. The kernel counts in steps of 10 ms."""


def plan(setting: Setting) -> Sequence[Step]:
    """Ask one query, let it settle, then watch it rest."""
    return [Step(setting.asked[0]), Step(None, rest_s=SETTLE_S), Step(None, rest_s=REST_S)]


def validate(_: Setting, seen: Sequence[Seen]) -> str | None:
    """Refuse to judge where no idle time was measured."""
    return None if seen and seen[-1].step.query is None else "no idle time was measured"


def verify(_: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Look at the CPU time of the last rest."""
    used = seen[-1].rest_cpu_s
    return used <= MOST_SHARE * REST_S, f"used {used:.2f} s of CPU in {REST_S} s in which nothing was asked"


AUDIT = AuditPlugin("idle", plan, validate, verify, place="last")
