"""The story of one evaluation, from top to bottom."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from harness import audits
from harness.figures.evaluation import evaluation_files
from harness.figures.training import Listener
from harness.intake.kept import keep
from harness.intake.lookup import find_profile
from harness.intake.request import EvaluationRequest
from harness.intake.requested import requested_data, requested_submission, requested_task
from harness.measurement import machine_lock
from harness.measurement.diagnostics import gather
from harness.measurement.first_calibration import MachineCalibration
from harness.measurement.pair_statistics import median_phases, ours
from harness.measurement.rounds import Rounds
from harness.measurement.run_plan import RunPlan, RunSetup, planned
from harness.measurement.run_result import RunMeter, RunResult, RunTotals
from harness.probes import machine
from harness.record import DataId, Isolation, Record, SubmissionId, record_folder
from harness.record.latency import latency_of
from harness.sandbox import choose
from harness.scoring import measures
from harness.scoring.conditions import conditions, find
from harness.scoring.run_metrics import run_measures
from harness.scoring.scores import Scores, score
from harness.scoring.validity import judge
from harness.session import workdirs
from harness.session.live_log import LiveLog
from harness.session.log import LogCallback, printable
from harness.spec import Places, Progress, RunOutcome, Submission, no_progress
from harness.spec.errors import SubmissionError


@dataclass(frozen=True)
class EvaluationJob:
    """One evaluation with everything at hand; ``records`` is where the folder of its record will appear.

    No round of processes begins after ``most_s`` seconds, but for the first. ``live`` gets what the
    submission prints while its measured processes run.
    """

    setup: RunSetup
    submission: Submission
    reference: Submission
    records: Path
    loadgen: bool = False
    calibration: MachineCalibration = field(default_factory=MachineCalibration)
    most_s: float = math.inf
    live: LiveLog = field(default_factory=LiveLog)

    @property
    def of_reference(self) -> bool:
        """Whether the reference is measured against itself, as a calibration does."""
        return self.submission.sha256 == self.reference.sha256


@dataclass(frozen=True)
class Evaluation:
    """What came of it: the record, and the folder that holds everything behind it."""

    record: Record
    folder: Path


def evaluate(request: EvaluationRequest, places: Places, progress: Progress = no_progress) -> Evaluation:
    """Run one evaluation as it was requested, on this machine, within the given places.

    Raises UserError where the task, the data or a submission are not here or not those that were meant.
    """
    task, options = requested_task(request.task), request.run
    setup = RunSetup(
        task,
        requested_data(request.data, task, places, progress),
        find_profile(task, options.profile),
        choose(options.isolation),
        places.host_log,
        options.scenario,
        options.seed,
        options.quick,
    )
    submission = requested_submission(request.submission, task, places, progress)
    reference = requested_submission(request.reference, task, places, progress)
    keep(submission, places.kept)
    calibration = MachineCalibration(places.calibrations)
    most_s = math.inf if options.most_s is None else options.most_s
    live = LiveLog(places.live_log)
    job = EvaluationJob(
        setup, submission, reference, places.records, options.loadgen, calibration, most_s, live
    )
    calibration.read(setup)
    if not job.of_reference:
        calibration.learn(setup, reference, progress)
    return evaluate_job(job, progress)


def evaluate_job(job: EvaluationJob, progress: Progress = no_progress) -> Evaluation:
    """Measure one submission. The submission's faults end in a record; the harness's own are raised."""
    with planned(job.setup, job.submission, job.reference, progress=progress) as run_plan:
        with machine_lock.machine(f"{job.setup.task.name}: {job.submission.name}", progress):
            meter = RunMeter()
            result = _run(job, run_plan, progress)
            totals = meter.totals(run_plan)
            if job.of_reference and result.complete:
                job.calibration.learn_from(run_plan, result.complete, totals.before["load_1min"])
        if result.complete:
            job.calibration.learn(job.setup, job.reference, progress)
        answers = [pair.answers for pair in result.complete]
        scores = score(run_plan.task, run_plan.queries, answers, "public")
        record = _record(job, run_plan, result, totals, scores)
        folder = record_folder.write_or_rescue(job.records, record, _files(run_plan, result, scores))
        return Evaluation(record, folder)


def _run(job: EvaluationJob, run_plan: RunPlan, progress: Progress) -> RunResult:
    """Run every process, then the audits and diagnostics; stop at the submission's first fault.

    Raises NotAvailable where this machine's disk was full then.
    """
    rounds = Rounds(run_plan, job.most_s)
    result = RunResult(rounds.process_pairs)
    name = run_plan.submission.name

    def listen(number: int) -> LogCallback:
        job.live.say(f"process {number + 1}")
        training = Listener(f"{name}: training {number + 1} of {rounds.size}", progress)

        def hear(printed: bytes) -> None:
            job.live.add(printed)
            training(printed)

        return hear

    try:
        rounds.run(name, progress, listen)
        result.audits = audits.audit(run_plan, rounds.first, result.process_pairs[0])
        result.diagnostics = gather.gather(
            run_plan, rounds.first, result.process_pairs, progress, with_loadgen=job.loadgen
        )
    except SubmissionError as error:
        workdirs.check_room()
        result.status, result.message = error.status, printable(str(error), 600)
        job.live.say(f"{error.status}: {result.message}")
    return result


def _record(
    job: EvaluationJob, run_plan: RunPlan, result: RunResult, totals: RunTotals, scores: Scores
) -> Record:
    """Seal everything that is known of the run."""
    setup, pairs, ratio = job.setup, result.complete, result.ratio
    outcome = RunOutcome(
        setup.prepared,
        run_plan.queries,
        [pair.outcome for pair in pairs],
        disturbed=not ours(pairs),
    )
    own = {**scores.metrics, **run_measures(run_plan.task, outcome)}
    gauges = {**measures.gauges(totals, pairs), **result.diagnostics.gauges}
    findings = find(run_plan, result, outcome, own)
    measured = measures.measured(job.submission.size, pairs, ratio)
    return Record(
        task=setup.task.name,
        task_version=setup.task.version,
        data=DataId.of(setup.prepared),
        profile=setup.profile.name,
        scenario=run_plan.scenario,
        quick=setup.quick,
        submission=SubmissionId.of(job.submission),
        reference=SubmissionId.of(job.reference),
        status=result.status,
        message=result.message,
        validity=judge(conditions(run_plan, result, totals, gauges, findings, job.calibration)),
        isolation=Isolation(
            level=setup.backend.level,
            name=setup.backend.name,
            safe=setup.backend.safe,
            details=setup.backend.details(),
        ),
        metrics={**own, **measured, **result.diagnostics.metrics},
        latency=latency_of(ratio, job.calibration.margin),
        audits=result.audits,
        phases=median_phases(pairs or result.process_pairs),
        gauges=gauges,
        machine=machine.machine(),
        versions=machine.versions(job.submission),
        seed=setup.seed,
        processes=len(pairs),
        started=totals.started.isoformat(timespec="milliseconds"),
        seconds=round(totals.seconds, 3),
    ).sealed()


def _files(run_plan: RunPlan, result: RunResult, scores: Scores) -> record_folder.RecordFiles:
    """Collect what lies beside the record: answers, times, pictures and logs."""
    logs = [f"--- process {number}\n{pair.host.log}" for number, pair in enumerate(result.process_pairs)]
    return record_folder.RecordFiles(
        units=[query.id for query in run_plan.queries],
        rows=scores.rows_file(),
        draws=scores.draws_file(),
        answers=result.first_answers,
        timings=[timing for pair in result.complete for timing in pair.timings],
        others=evaluation_files(run_plan, result, scores),
        log="\n".join(logs),
    )
