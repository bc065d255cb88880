"""Decide from what was recorded whether a record counts: valid, provisional or invalid, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.record import Audit, Validity, ValidityResult
from harness.spec.errors import Status

IDLE_CPU_SHARE = 0.02
IDLE_CPU_LEAST_S = 0.05
LOAD_A_CORE = 1.5
STOLEN_SHARE = 0.10
STALLED_SHARE = 0.05
DRIFT = 1.25
"""How much the reference's speed may change within a typical process before the run is only provisional."""
MOST_SLOWED = 0.75
"""The share of processes that may run on slow cores for nearly all of their blocks."""
TREND = 1.10
"""The same for the paired ratio: beyond it the submission was not in a steady state."""


@dataclass(frozen=True)
class Outcome:
    """How the run ended: its status, and how many process pairs ran of those that a ranked run takes."""

    status: Status
    message: str
    quick: bool
    processes: int
    ranked_processes: int


@dataclass(frozen=True)
class Containment:
    """What kept the submission in, and the CPU seconds it used in the ``frozen_s`` it had to be still."""

    isolation: str
    safe: bool
    idle_cpu_s: float = 0.0
    frozen_s: float = 0.0


@dataclass(frozen=True)
class MachineLoad:
    """How busy the machine was: load a core before the run, and shares of the run's wall time.

    The load average lags by a minute and holds our own last run: it counts only where what others used was
    not ``read`` for every block. Others used the machine during more than half of the blocks of ``disturbed``
    processes, and ``others_cores`` of it in the mean over the run. ``touched`` counts the processes that lost
    blocks or ran again for it, where these are too many. The cores were slow during more than three quarters
    of the blocks of ``slowed`` processes, though nobody inside used them.
    """

    load_a_core: float = 0.0
    stolen_share: float = 0.0
    stalled_share: float = 0.0
    throttled: bool = False
    disturbed: int = 0
    touched: int = 0
    others_cores: float = 0.0
    slowed: int = 0
    read: bool = False


@dataclass(frozen=True)
class Steadiness:
    """How much the reference's time (``drift``) and the paired ratio (``trend``) changed; 1 is not at all."""

    drift: float = 1.0
    trend: float = 1.0


@dataclass(frozen=True)
class CalibrationState:
    """Whether the machine is calibrated, and the median time beside the least that a query can take here.

    ``refused`` says why this run could not calibrate it, where it tried.
    """

    calibrated: bool
    median_ms: float | None = None
    floor_ms: float | None = None
    refused: str = ""


@dataclass(frozen=True)
class Findings:
    """What the audits found, and what the task says against the record: doubts and faults."""

    audits: tuple[Audit, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conditions:
    """Everything that the decision rests on."""

    outcome: Outcome
    containment: Containment
    calibration: CalibrationState
    load: MachineLoad = field(default_factory=MachineLoad)
    steadiness: Steadiness = field(default_factory=Steadiness)
    findings: Findings = field(default_factory=Findings)


def judge(conditions: Conditions) -> ValidityResult:
    """Give every reason, those that make a record invalid first."""
    invalid, provisional = tuple(_invalid(conditions)), tuple(_provisional(conditions))
    state: Validity = "invalid" if invalid else "provisional" if provisional else "valid"
    return ValidityResult(state=state, reasons=(*invalid, *provisional))


def _invalid(conditions: Conditions) -> Iterator[str]:
    outcome, containment = conditions.outcome, conditions.containment
    if outcome.status != "ok":
        yield outcome.message
    if not containment.safe:
        yield (
            f"Isolation '{containment.isolation}' is unsafe: nothing keeps the submission from reading the "
            "labels."
        )
    allowed_s = max(IDLE_CPU_LEAST_S, IDLE_CPU_SHARE * containment.frozen_s)
    if containment.idle_cpu_s > allowed_s:
        yield (
            f"The submission used {containment.idle_cpu_s:.2f} s of CPU time while the reference was timed "
            f"(limit {allowed_s:.2f} s)."
        )
    median_ms, floor_ms = conditions.calibration.median_ms, conditions.calibration.floor_ms
    if median_ms is not None and floor_ms is not None and median_ms < floor_ms:
        yield (
            f"The median of {median_ms:.4g} ms is less than any honest query takes on this machine "
            f"({floor_ms:.4g} ms)."
        )
    yield from conditions.findings.faults
    for audit in conditions.findings.audits:
        if audit.passed is False:
            yield f"Audit {audit.name} failed: {audit.detail}"


def _provisional(conditions: Conditions) -> Iterator[str]:
    outcome, load, steadiness = conditions.outcome, conditions.load, conditions.steadiness
    yield from conditions.findings.warnings
    if outcome.quick:
        yield _quick_run(outcome)
    elif not conditions.calibration.calibrated:
        yield _not_calibrated(conditions.calibration)
    if load.load_a_core > LOAD_A_CORE and not load.read:
        yield (
            f"The machine was busy before the run: {load.load_a_core:.1f} runnable processes per core "
            f"(limit {LOAD_A_CORE}); wait until it is quiet and run it again."
        )
    if load.stolen_share > STOLEN_SHARE:
        yield (
            f"Other virtual machines took {_percent(load.stolen_share)} of the processor time "
            f"(limit {_percent(STOLEN_SHARE)}); run it again, or on a machine of your own."
        )
    if load.stalled_share > STALLED_SHARE:
        yield (
            f"Processes stalled on memory pressure for {_percent(load.stalled_share)} of the run "
            f"(limit {_percent(STALLED_SHARE)}); free some memory and run it again."
        )
    yield from _others(outcome, load)
    yield from _slowed(outcome, load)
    if load.throttled:
        yield "The processor was throttled because of heat; let it cool and run it again."
    if steadiness.drift > DRIFT:
        yield (
            f"The reference's speed changed by a factor of {steadiness.drift:.2f} within a typical process "
            f"(limit {DRIFT}); run it again."
        )
    if steadiness.trend > TREND:
        yield (
            "The submission reached no steady state: its time ratio changed by a factor of "
            f"{steadiness.trend:.2f} within a typical process (limit {TREND}); warm up in build or run again."
        )


def _quick_run(outcome: Outcome) -> str:
    if outcome.status != "ok" or outcome.processes >= outcome.ranked_processes:
        return "This was a quick run; run it without --quick."
    ran = _processes(outcome.processes)
    return f"This was a quick run of {ran} instead of {outcome.ranked_processes}; run it without --quick."


def _slowed(outcome: Outcome, load: MachineLoad) -> Iterator[str]:
    """Say that the machine itself was slow for most of the run."""
    if load.slowed > MOST_SLOWED * outcome.processes:
        yield (
            f"The cores were slow during {load.slowed} of {_processes(outcome.processes)}, though no other "
            "process used them: other virtual machines, heat or a limit of power; run it again later."
        )


def _others(outcome: Outcome, load: MachineLoad) -> Iterator[str]:
    """Say that others used the machine, though what they disturbed was left out or ran again."""
    used = f"({load.others_cores:.2f} cores on average)"
    if load.disturbed:
        yield (
            f"Other processes used the machine during {load.disturbed} of {_processes(outcome.processes)} "
            f"{used}, also when these ran again; stop them, or wait, and run it again."
        )
    elif load.touched:
        yield (
            f"Other processes used the machine during {load.touched} of {_processes(outcome.processes)} "
            f"{used}: what they disturbed was left out or ran again, but the times in between suffer, too; "
            "stop them, or wait, and run it again."
        )


def _not_calibrated(calibration: CalibrationState) -> str:
    if not calibration.refused:
        return "This machine is not calibrated for the profile; run 'calibrate', then run it again."
    return (
        "This machine is not calibrated for the profile. Both attempts, before the run and after it, were "
        f"refused: {calibration.refused}."
    )


def _processes(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
