"""The whole story of one evaluation, readable top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from harness import audits
from harness.figures import measurement, training
from harness.measurement import calibration, pair_statistics, pairs
from harness.measurement.diagnostics import gather
from harness.measurement.rounds import Rounds
from harness.measurement.run_plan import RunPlan, RunSetup, plan_run
from harness.probes import energy, machine
from harness.record import Audit, DataId, Isolation, Measure, Record, SubmissionId, record_folder
from harness.record.latency import latency_of
from harness.scoring import measures, validity
from harness.scoring.run_metrics import run_measures
from harness.scoring.scores import Scores, score
from harness.session import cores_awake
from harness.session.log import printable
from harness.spec import (
    Figures,
    Progress,
    Query,
    RunOutcome,
    Submission,
    Task,
    no_progress,
)
from harness.spec.errors import Status, SubmissionError
from harness.stats import paired_log_ratio

if TYPE_CHECKING:
    from harness.spec import Arrays

FLOOR_SHARE = 0.5
"""Below this share of the null model's own time no honest answer can be."""


@dataclass(frozen=True)
class EvaluationJob:
    """One evaluation to be made. ``records`` is the folder where its own folder will appear."""

    setup: RunSetup
    submission: Submission
    reference: Submission
    records: Path
    loadgen: bool = False
    calibration: calibration.Calibration | None = None


@dataclass(frozen=True)
class Evaluation:
    """What came of it: the record, and the folder that holds everything behind it."""

    record: Record
    folder: Path


@dataclass
class RunResult:
    """How the run itself went: what the processes left behind, and the contestant's fault if there is one."""

    replicates: list[pairs.ProcessPair] = field(default_factory=list)
    extra: gather.Diagnostics = field(default_factory=gather.Diagnostics)
    audits: tuple[Audit, ...] = ()
    status: Status = "ok"
    message: str = ""

    @property
    def whole(self) -> list[pairs.ProcessPair]:
        """The replicates, where all of them came through."""
        return self.replicates if self.status == "ok" else []


@dataclass(frozen=True)
class RunTotals:
    """When a run began and how long it took in all.

    Of these seconds submissions were at work for ``working_s``, and data were decoded for ``loading_s``.
    Joules where a counter says; the machine's gauges from before.
    """

    started: datetime
    seconds: float
    working_s: float
    loading_s: float
    joules: float | None
    before: Mapping[str, float]


def evaluate(job: EvaluationJob, progress: Progress = no_progress) -> Evaluation:
    """Measure one submission. The contestant's faults end in a record; ours are raised."""
    before, joules = machine.gauges(), energy.cpu_joules()
    started, clock = datetime.now(UTC), perf_counter()
    run_plan = plan_run(job.setup, job.submission, job.reference)
    result = _run(job, run_plan, progress)
    used = energy.joules_between(joules, energy.cpu_joules())
    seconds = perf_counter() - clock
    working_s, loading_s = run_plan.settings.work.ns / 1e9, run_plan.decoding.ns / 1e9
    spent = RunTotals(started, seconds, working_s, loading_s, used, before)
    answers = [pair.answers for pair in result.whole]
    scores = score(run_plan.task, run_plan.queries, answers, "public")
    record = _record(job, run_plan, result, scores, spent)
    first = {index: answer for given in reversed(answers) for index, answer in given.items()}
    files = record_folder.RecordFiles(
        units=[query.id for query in run_plan.queries],
        rows=scores.rows_file(),
        draws=scores.draws_file(),
        answers=first,
        timings=[timing for pair in result.whole for timing in pair.timings],
        others=_files(job, run_plan, result, scores, first),
        log="\n".join(f"--- process {number}\n{pair.log}" for number, pair in enumerate(result.replicates)),
    )
    return Evaluation(record, record_folder.write(job.records, record, files))


def _record(
    job: EvaluationJob, run_plan: RunPlan, result: RunResult, scores: Scores, spent: RunTotals
) -> Record:
    """Everything that is known of the run, sealed."""
    setup, task = run_plan.setup, run_plan.task
    ratio = paired_log_ratio(pair_statistics.log_ratios(result.whole)) if result.whole else None
    run = RunOutcome(setup.prepared, run_plan.queries, [pair.outcome for pair in result.whole])
    own = {**scores.metrics, **run_measures(task, run)}
    gauges = measures.gauges(spent.before, machine.gauges(), result.whole)
    gauges |= {
        "energy_cpu_j": spent.joules,
        "cores_awake": float(cores_awake.allowed()),
        "loading_share": spent.loading_s / spent.seconds,
        "harness_share": max(0.0, 1 - (spent.working_s + spent.loading_s) / spent.seconds),
    }
    gauges |= dict(result.extra.gauges)
    quality, figures = task.quality, _figures(own)
    warnings = tuple(quality.warnings(figures)) if quality.warnings and figures else ()
    faults = tuple(quality.faults(run, figures)) if quality.faults and run.processes else ()
    faults = (*faults, *_refused(result))
    return Record(
        task=task.name,
        task_version=task.version,
        data=DataId(name=setup.prepared.name, variant=setup.prepared.variant, sha256=setup.prepared.sha256),
        profile=setup.profile.name,
        scenario=run_plan.scenario,
        quick=setup.quick,
        submission=_identity(job.submission),
        reference=_identity(job.reference),
        status=result.status,
        message=result.message,
        validity=validity.judge(_conditions(job, result, gauges, spent.seconds, warnings, faults)),
        isolation=Isolation(
            level=setup.backend.level,
            name=setup.backend.name,
            safe=setup.backend.safe,
            details=setup.backend.details(),
        ),
        metrics={
            **own,
            **measures.measured(job.submission.size, result.whole, ratio),
            **result.extra.metrics,
        },
        latency=latency_of(ratio, job.calibration.margin if job.calibration else None),
        audits=result.audits,
        phases=pair_statistics.median_phases(result.whole or result.replicates),
        gauges=gauges,
        machine=machine.machine(),
        versions=machine.versions(job.submission.kind),
        seed=setup.seed,
        processes=len(result.whole),
        started=spent.started.isoformat(timespec="milliseconds"),
        seconds=round(spent.seconds, 3),
    ).sealed()


def _files(
    job: EvaluationJob, run_plan: RunPlan, result: RunResult, scores: Scores, first: Mapping[int, Arrays]
) -> dict[str, bytes]:
    """What lies beside the record: plots, pictures of answers, logs of other programs."""
    name = job.submission.name
    timings = [timing for pair in result.whole for timing in pair.timings]
    pictures = dict(measurement.draw(timings, result.extra.samples, name))
    pictures |= training.draw([pair.log for pair in result.replicates], name)
    figures, reporting = _figures(scores.metrics), run_plan.task.reporting
    if reporting.figures and figures:
        pictures |= reporting.figures(
            [run_plan.queries[index] for index in first], list(first.values()), figures
        )
    files = dict(result.extra.files) | {f"plots/{name}": data for name, data in pictures.items()}
    return files | {
        f"images/{name}": data for name, data in _examples(run_plan.task, run_plan.queries, first).items()
    }


def _figures(metrics: Mapping[str, Measure]) -> Figures:
    return {name: (measure.value, measure.low, measure.high) for name, measure in metrics.items()}


def _examples(task: Task, queries: Sequence[Query], answers: Mapping[int, Arrays]) -> Mapping[str, bytes]:
    """What the entry's page may show: never more than the public units."""
    public = [index for index in answers if queries[index].split == "public"]
    if task.reporting.examples is None or not public:
        return {}
    return task.reporting.examples([queries[index] for index in public], [answers[index] for index in public])


def _run(job: EvaluationJob, run_plan: RunPlan, progress: Progress) -> RunResult:
    """Run every process, then the audits and diagnostics; stop at the contestant's first fault."""
    rounds = Rounds(run_plan)
    result = RunResult(rounds.process_pairs)
    name = job.submission.name

    def listen(number: int) -> training.Listener:
        return training.Listener(f"{name}: training {number + 1} of {rounds.size}", progress)

    try:
        rounds.run(name, progress, listen)
        result.audits = audits.audit(run_plan, rounds.first, result.replicates[0])
        result.extra = gather.gather(run_plan, rounds.first, result.replicates, loadgen_too=job.loadgen)
    except SubmissionError as error:
        result.status, result.message = error.status, printable(str(error), 600)
    return result


def _conditions(
    job: EvaluationJob,
    result: RunResult,
    gauges: Mapping[str, float | str | None],
    seconds: float,
    warnings: tuple[str, ...],
    faults: tuple[str, ...],
) -> validity.Conditions:
    """Gather what decides whether the record counts."""
    whole = result.whole
    learnt, setup = job.calibration, job.setup
    task, backend = setup.task, setup.backend
    same_way = learnt is not None and (learnt.task, learnt.isolation) == (task.name, backend.name)
    return validity.Conditions(
        status=result.status,
        message=result.message,
        isolation=backend.name,
        safe=backend.safe,
        quick=setup.quick,
        processes=len(whole),
        ranked_processes=task.execution.processes.ranked,
        calibrated=learnt is not None,
        idle_cpu_s=sum(pair.idle_cpu_s for pair in whole),
        frozen_s=sum(timing.reference_ns for pair in whole for timing in pair.timings) / 1e9,
        load_a_core=float(gauges["load_1min"] or 0) / int(machine.machine()["cores"]),
        stolen_share=measures.share(gauges, "ticks_stolen", float(gauges.get("ticks_total") or 0)),
        stalled_share=measures.share(gauges, "stall_memory_us", seconds * 1e6),
        throttled=bool(gauges.get("throttled")),
        drift=float(gauges.get("drift") or 1),
        trend=float(gauges.get("trend") or 1),
        median_ms=pair_statistics.median_ms(whole) if same_way else None,
        floor_ms=learnt.floor_us * FLOOR_SHARE / 1e3 if learnt and same_way else None,
        audits=result.audits,
        warnings=warnings,
        faults=faults,
    )


def _refused(result: RunResult) -> tuple[str, ...]:
    """Say where a page wanted to go; its sandbox lets it reach nothing but the harness."""
    wanted = sorted({place for pair in result.replicates for place in pair.report.get("refused", ())})
    if not wanted:
        return ()
    more = f" and {len(wanted) - 3} more" if len(wanted) > 3 else ""
    return (f"the page tried to reach {', '.join(map(printable, wanted[:3]))}{more}; the network is off",)


def _identity(submission: Submission) -> SubmissionId:
    return SubmissionId(
        name=submission.name,
        team=submission.team,
        kind=submission.kind,
        sha256=submission.sha256,
        size_bytes=submission.size,
    )
