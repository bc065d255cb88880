"""Gather what decides whether a record counts."""

from __future__ import annotations

from collections.abc import Mapping

from harness.measurement.first_calibration import MachineCalibration
from harness.measurement.pair_statistics import median_ms, ours
from harness.measurement.run_plan import RunPlan
from harness.measurement.run_result import RunResult, RunTotals
from harness.probes import machine
from harness.record import Measure
from harness.scoring.validity import (
    CalibrationState,
    Conditions,
    Containment,
    Findings,
    MachineLoad,
    Outcome,
    Steadiness,
)
from harness.session.log import printable
from harness.spec import Figures, RunOutcome

FLOOR_SHARE = 0.5
"""Below this share of the null model's own time no honest answer can be."""
Gauges = Mapping[str, float | str | None]


def conditions(
    run_plan: RunPlan,
    result: RunResult,
    totals: RunTotals,
    gauges: Gauges,
    findings: Findings,
    calibration: MachineCalibration,
) -> Conditions:
    """Return what the validity of a run rests on; ``gauges`` are those of its record."""
    setup, pairs = run_plan.setup, result.complete
    ranked = run_plan.task.execution.processes.ranked
    return Conditions(
        Outcome(result.status, result.message, setup.quick, len(pairs), ranked),
        Containment(
            setup.backend.name,
            setup.backend.safe,
            idle_cpu_s=sum(pair.resources.idle_cpu_s for pair in pairs),
            frozen_s=sum(t.reference_ns for pair in pairs for t in (*pair.timings, *pair.lessons)) / 1e9,
        ),
        _calibration_state(run_plan, result, calibration),
        MachineLoad(
            load_a_core=float(gauges["load_1min"] or 0) / int(machine.machine()["cores"]),
            stolen_share=_share(gauges, "ticks_stolen", float(gauges.get("ticks_total") or 0)),
            stalled_share=_share(gauges, "stall_memory_us", totals.seconds * 1e6),
            throttled=bool(gauges.get("throttled")),
            disturbed=sum(pair.disturbed for pair in pairs),
            touched=0 if ours(pairs) else sum(pair.touched for pair in pairs),
            slowed=sum(pair.slowed for pair in pairs),
            others_cores=float(gauges.get("others_cores") or 0),
            read=bool(gauges.get("blocks")),
        ),
        Steadiness(float(gauges.get("drift") or 1), float(gauges.get("trend") or 1)),
        findings,
    )


def find(
    run_plan: RunPlan, result: RunResult, outcome: RunOutcome, metrics: Mapping[str, Measure]
) -> Findings:
    """Collect what the audits found, what the task objects to, and where a page wanted to go."""
    quality, figures = run_plan.task.quality, figures_of(metrics)
    warnings = tuple(quality.warnings(figures)) if quality.warnings and figures else ()
    faults = tuple(quality.faults(outcome, figures)) if quality.faults and outcome.processes else ()
    return Findings(result.audits, warnings, (*faults, *_refused(result)))


def figures_of(metrics: Mapping[str, Measure]) -> Figures:
    """Return metrics as a task's own functions take them: value, low and high end by name."""
    return {name: (measure.value, measure.low, measure.high) for name, measure in metrics.items()}


def _calibration_state(
    run_plan: RunPlan, result: RunResult, machine_calibration: MachineCalibration
) -> CalibrationState:
    """The floor holds for the task and the isolation that it was measured with.

    Trainings beside a pace need no calibration: their metrics declare the margin.
    """
    calibration = machine_calibration.known
    if calibration is None:
        return CalibrationState(run_plan.pace is not None, refused=machine_calibration.refused)
    setup = run_plan.setup
    if (calibration.task, calibration.isolation) != (setup.task.name, setup.backend.name):
        return CalibrationState(calibrated=True)
    floor_ms = calibration.floor_us * FLOOR_SHARE / 1e3
    return CalibrationState(calibrated=True, median_ms=median_ms(result.complete), floor_ms=floor_ms)


def _refused(result: RunResult) -> tuple[str, ...]:
    """Say where a page wanted to go; its sandbox lets it reach nothing but the harness."""
    targets = {target for pair in result.process_pairs for target in pair.host.report.get("refused", ())}
    named = ", ".join(map(printable, sorted(targets)[:3]))
    more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""
    return (f"The page tried to reach {named}{more}; the network is off.",) if targets else ()


def _share(gauges: Gauges, part: str, whole: float) -> float:
    """One gauge as a share of a whole; 0 where the kernel gives no such gauge."""
    value = gauges.get(part)
    return float(value) / whole if value and whole else 0.0
