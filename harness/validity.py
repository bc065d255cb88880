"""Whether a record counts: valid, provisional or invalid, decided from what was recorded, in words."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import Status
from harness.record import Validity, Verdict

IDLE_CPU_SHARE = 0.02
IDLE_CPU_LEAST_S = 0.05


@dataclass(frozen=True)
class Conditions:
    """What the judgement rests on. ``frozen_s`` is how long the submission had to be still."""

    status: Status
    message: str
    isolation: str
    safe: bool
    quick: bool
    processes: int
    ranked_processes: int
    idle_cpu_s: float
    frozen_s: float


def judge(seen: Conditions) -> Verdict:
    """Every reason, the ones that make a record invalid first."""
    bad, soft = [], []
    if seen.status != "ok":
        bad.append(seen.message)
    if not seen.safe:
        bad.append(f"isolation '{seen.isolation}' is unsafe: nothing keeps the submission from the labels")
    if seen.idle_cpu_s > max(IDLE_CPU_LEAST_S, IDLE_CPU_SHARE * seen.frozen_s):
        bad.append(f"used {seen.idle_cpu_s:.2f} s of CPU while the reference was timed")
    if seen.quick:
        soft.append(f"quick run: {seen.processes} processes instead of {seen.ranked_processes}")
    state: Validity = "invalid" if bad else "provisional" if soft else "valid"
    return Verdict(state=state, reasons=(*bad, *soft))
