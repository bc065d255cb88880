"""The whole story of one evaluation, readable top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from harness import archive, machine, measures, pairing, plan, scoring, validity
from harness.driver import Stand, printable
from harness.errors import NotAvailable, Status, SubmissionError
from harness.record import DataId, Isolation, Record, SubmissionId
from harness.runtime import worker
from harness.sandbox.policy import Tier
from harness.spec import Prepared, Profile, Progress, Scenario, Submission, Task, no_progress
from harness.stats import paired_log_ratio


@dataclass(frozen=True)
class Job:
    """One evaluation to be made. ``records`` is the folder where its own folder will appear."""

    task: Task
    prepared: Prepared
    profile: Profile
    submission: Submission
    reference: Submission
    tier: Tier
    records: Path
    quick: bool = False
    seed: int = 0
    scenario: Scenario = "single_stream"


@dataclass(frozen=True)
class Evaluation:
    """What came of it: the record, and the folder that holds everything behind it."""

    record: Record
    folder: Path


def evaluate(job: Job, progress: Progress = no_progress) -> Evaluation:
    """Measure one submission. The contestant's faults end in a record; ours are raised."""
    if job.profile.accelerator == "gpu" and not machine.gpus():
        raise NotAvailable("profile 'gpu' needs a GPU and this machine has none; 'doctor' shows what it has")
    started, clock = datetime.now(UTC), perf_counter()
    before = machine.gauges()
    task = job.task
    queries = task.queries(job.prepared)
    count = task.replicates.quick if job.quick else task.replicates.ranked
    shares = plan.shares(queries, count, job.seed, divide=task.share, ordered=task.ordered)
    stand = Stand(job.tier, job.profile, task.limits, job.prepared.public, task.params)
    bout = pairing.Bout(
        task,
        queries,
        stand,
        job.submission,
        job.reference,
        job.seed,
        job.scenario,
        plan.most_at_once(queries[0].load(), task.limits.query_mb * 1_000_000),
    )

    replicates: list[pairing.Replicate] = []
    status: Status = "ok"
    message = ""
    total, done = sum(len(share.timed) for share in shares), 0

    def tick(answered: int) -> None:
        nonlocal done
        done += answered
        progress(job.submission.name, done, total)

    progress(job.submission.name, 0, total)
    try:
        for number, share in enumerate(shares):
            replicates.append(pairing.Replicate())
            pairing.run_replicate(bout, number, share, replicates[-1], tick)
    except SubmissionError as error:
        status, message = error.status, printable(str(error), 600)

    whole = replicates if status == "ok" else []
    answers = [left.answers for left in whole]
    scores = scoring.score(task, queries, answers, "public")
    ratio = paired_log_ratio(pairing.log_ratios(whole)) if whole else None
    conditions = validity.Conditions(
        status=status,
        message=message,
        isolation=job.tier.name,
        safe=job.tier.safe,
        quick=job.quick,
        processes=count,
        ranked_processes=task.replicates.ranked,
        idle_cpu_s=sum(left.idle_cpu_s for left in whole),
        frozen_s=sum(timing.reference_ns for left in whole for timing in left.timings) / 1e9,
    )
    record = Record(
        task=task.name,
        task_version=task.version,
        data=DataId(name=job.prepared.name, variant=job.prepared.variant, sha256=job.prepared.sha256),
        profile=job.profile.name,
        scenario=job.scenario,
        quick=job.quick,
        submission=_identity(job.submission),
        reference=_identity(job.reference),
        status=status,
        message=message,
        validity=validity.judge(conditions),
        isolation=Isolation(
            tier=job.tier.level, name=job.tier.name, safe=job.tier.safe, details=job.tier.details()
        ),
        metrics={**scores.metrics, **measures.measured(job.submission.size, whole, ratio)},
        phases=pairing.median_phases(whole or replicates),
        gauges=measures.gauges(before, machine.gauges(), ratio),
        machine=machine.machine(),
        versions=machine.versions(worker()),
        seed=job.seed,
        replicates=len(whole),
        started=started.isoformat(timespec="milliseconds"),
        seconds=round(perf_counter() - clock, 3),
    ).sealed()
    timings = [timing for left in whole for timing in left.timings]
    first = {index: answer for given in reversed(answers) for index, answer in given.items()}
    log = "\n".join(f"--- process {number}\n{left.log}" for number, left in enumerate(replicates))
    folder = archive.write(job.records, record, queries, scores, first, timings, log)
    return Evaluation(record, folder)


def _identity(submission: Submission) -> SubmissionId:
    return SubmissionId(
        name=submission.name,
        team=submission.team,
        kind=submission.kind,
        sha256=submission.sha256,
        size_bytes=submission.size,
    )
