"""Whether a record counts: valid, provisional or invalid, decided from what was recorded, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.record import Audit, Validity, ValidityResult
from harness.spec.errors import Status

IDLE_CPU_SHARE = 0.02
IDLE_CPU_LEAST_S = 0.05
LOAD_A_CORE = 1.5
STOLEN_SHARE = 0.10
STALLED_SHARE = 0.05
DRIFT = 1.25
"""How much the reference's speed may change within a typical process before the run is only provisional."""
TREND = 1.10
"""The same for the paired ratio: beyond it the submission was not in a steady state."""


@dataclass(frozen=True)
class Conditions:
    """What the judgement rests on.

    ``frozen_s`` is how long the submission had to be still; the shares are of wall time; ``drift`` and
    ``trend`` are factors, 1 meaning none. ``floor_ms`` is the least that a query can take here.
    """

    status: Status
    message: str
    isolation: str
    safe: bool
    quick: bool
    processes: int
    ranked_processes: int
    calibrated: bool
    idle_cpu_s: float = 0.0
    frozen_s: float = 0.0
    load_a_core: float = 0.0
    stolen_share: float = 0.0
    stalled_share: float = 0.0
    throttled: bool = False
    drift: float = 1.0
    trend: float = 1.0
    median_ms: float | None = None
    floor_ms: float | None = None
    audits: tuple[Audit, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def judge(seen: Conditions) -> ValidityResult:
    """Every reason, the ones that make a record invalid first."""
    bad, soft = tuple(_invalid(seen)), tuple(_provisional(seen))
    state: Validity = "invalid" if bad else "provisional" if soft else "valid"
    return ValidityResult(state=state, reasons=(*bad, *soft))


def _invalid(seen: Conditions) -> Iterator[str]:
    if seen.status != "ok":
        yield seen.message
    if not seen.safe:
        yield f"isolation '{seen.isolation}' is unsafe: nothing keeps the submission from the labels"
    if seen.idle_cpu_s > max(IDLE_CPU_LEAST_S, IDLE_CPU_SHARE * seen.frozen_s):
        yield f"used {seen.idle_cpu_s:.2f} s of CPU while the reference was timed"
    if seen.median_ms is not None and seen.floor_ms is not None and seen.median_ms < seen.floor_ms:
        yield f"median of {seen.median_ms:.4g} ms is below the floor of this machine, {seen.floor_ms:.4g} ms"
    yield from seen.faults
    yield from (
        f"audit {audit.name} failed: {audit.detail}" for audit in seen.audits if audit.passed is False
    )


def _provisional(seen: Conditions) -> Iterator[str]:
    yield from seen.warnings
    if seen.quick:
        yield f"quick run: {seen.processes} processes instead of {seen.ranked_processes}"
    elif not seen.calibrated:
        yield "this machine is not calibrated for the profile; run 'calibrate'"
    if seen.load_a_core > LOAD_A_CORE:
        yield f"the machine was busy before the run (load {seen.load_a_core:.1f} a core)"
    if seen.stolen_share > STOLEN_SHARE:
        yield f"{seen.stolen_share:.0%} of the processor's time was taken by other machines"
    if seen.stalled_share > STALLED_SHARE:
        yield f"waited for memory {seen.stalled_share:.0%} of the time"
    if seen.throttled:
        yield "the processor was slowed down for heat"
    if seen.drift > DRIFT:
        yield f"the reference's speed changed by a factor of {seen.drift:.2f} within a typical process"
    if seen.trend > TREND:
        yield f"no steady state: the ratio changed by a factor of {seen.trend:.2f} within a typical process"
