"""The whole story of one evaluation, readable top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from harness import (
    archive,
    audits,
    awake,
    calibration,
    concluding,
    curves,
    extras,
    guard,
    machine,
    measures,
    pairing,
    plan,
    plots,
    scoring,
    validity,
)
from harness.errors import NotAvailable, Status, SubmissionError, UserError
from harness.loading import Loading
from harness.log import printable
from harness.probes import energy, gpu
from harness.record import Audit, DataId, Isolation, Record, SubmissionId
from harness.rounds import Rounds
from harness.runtime import worker
from harness.sandbox.policy import Tier
from harness.side import Bout
from harness.spec import Figures, Prepared, Profile, Progress, Query, Scenario, Submission, Task, no_progress
from harness.stand import Stand
from harness.stats import paired_log_ratio

if TYPE_CHECKING:
    from harness.spec import Arrays

FLOOR_SHARE = 0.5
"""Below this share of the null model's own time no honest answer can be."""


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
    loadgen: bool = False
    calibration: calibration.Calibration | None = None


@dataclass(frozen=True)
class Evaluation:
    """What came of it: the record, and the folder that holds everything behind it."""

    record: Record
    folder: Path


@dataclass
class Course:
    """How the run itself went: what the processes left behind, and the contestant's fault if there is one."""

    replicates: list[pairing.Replicate] = field(default_factory=list)
    extra: extras.Extra = field(default_factory=extras.Extra)
    audits: tuple[Audit, ...] = ()
    status: Status = "ok"
    message: str = ""

    @property
    def whole(self) -> list[pairing.Replicate]:
        """The replicates, where all of them came through."""
        return self.replicates if self.status == "ok" else []


@dataclass(frozen=True)
class Spent:
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


def evaluate(job: Job, progress: Progress = no_progress) -> Evaluation:
    """Measure one submission. The contestant's faults end in a record; ours are raised."""
    if job.profile.accelerator == "gpu" and not gpu.names():
        raise NotAvailable("profile 'gpu' needs a GPU and this machine has none; 'doctor' shows what it has")
    if (job.submission.kind == "javascript") != (job.profile.accelerator == "browser"):
        raise UserError(_misplaced(job))
    job = replace(job, task=guard.guarded(job.task))
    before, joules = machine.gauges(), energy.cpu_joules()
    started, clock = datetime.now(UTC), perf_counter()
    loading = Loading()
    bout = _plan(job, loading)
    course = _run(job, bout, progress)
    used = energy.joules_between(joules, energy.cpu_joules())
    seconds = perf_counter() - clock
    spent = Spent(started, seconds, bout.stand.work.ns / 1e9, loading.ns / 1e9, used, before)
    answers = [left.answers for left in course.whole]
    scores = scoring.score(job.task, bout.queries, answers, "public")
    record = _record(job, bout, course, scores, spent)
    timings = [timing for left in course.whole for timing in left.timings]
    first = {index: answer for given in reversed(answers) for index, answer in given.items()}
    files = _files(job, bout, course, scores, first)
    log = "\n".join(f"--- process {number}\n{left.log}" for number, left in enumerate(course.replicates))
    folder = archive.write(job.records, record, bout.queries, scores, first, timings, files, log)
    return Evaluation(record, folder)


def _record(job: Job, bout: Bout, course: Course, scores: scoring.Scores, spent: Spent) -> Record:
    """Everything that is known of the run, sealed."""
    ratio = paired_log_ratio(pairing.log_ratios(course.whole)) if course.whole else None
    trained = concluding.conclude(job.task, job.prepared, bout.queries, course.whole)
    gauges = measures.gauges(spent.before, machine.gauges(), course.whole, ratio)
    gauges |= {
        "energy_cpu_j": spent.joules,
        "cores_awake": float(awake.allowed()),
        "loading_share": spent.loading_s / spent.seconds,
        "harness_share": max(0.0, 1 - (spent.working_s + spent.loading_s) / spent.seconds),
        "margin": job.calibration.margin if job.calibration else None,
    }
    gauges |= dict(course.extra.gauges)
    figures = _figures(scores)
    remarks = tuple(job.task.remarks(figures)) if job.task.remarks and figures else ()
    faults = (*trained.faults, *_refused(course))
    return Record(
        task=job.task.name,
        task_version=job.task.version,
        data=DataId(name=job.prepared.name, variant=job.prepared.variant, sha256=job.prepared.sha256),
        profile=job.profile.name,
        scenario=job.scenario,
        quick=job.quick,
        submission=_identity(job.submission),
        reference=_identity(job.reference),
        status=course.status,
        message=course.message,
        validity=validity.judge(_conditions(job, course, gauges, spent.seconds, remarks, faults)),
        isolation=Isolation(
            tier=job.tier.level, name=job.tier.name, safe=job.tier.safe, details=job.tier.details()
        ),
        metrics={
            **scores.metrics,
            **measures.measured(job.submission.size, course.whole, ratio),
            **course.extra.metrics,
            **concluding.measures(job.task, trained),
        },
        audits=course.audits,
        phases=pairing.median_phases(course.whole or course.replicates),
        gauges=gauges,
        machine=machine.machine(),
        versions=machine.versions(worker(), job.profile.accelerator == "browser"),
        seed=job.seed,
        replicates=len(course.whole),
        started=spent.started.isoformat(timespec="milliseconds"),
        seconds=round(spent.seconds, 3),
    ).sealed()


def _files(
    job: Job, bout: Bout, course: Course, scores: scoring.Scores, first: Mapping[int, Arrays]
) -> dict[str, bytes]:
    """What lies beside the record: plots, pictures of answers, logs of other programs."""
    name = job.submission.name
    timings = [timing for left in course.whole for timing in left.timings]
    pictures = dict(plots.draw(timings, course.extra.samples, name))
    pictures |= curves.draw([left.log for left in course.replicates], name)
    figures = _figures(scores)
    if job.task.pictures and figures:
        pictures |= job.task.pictures([bout.queries[index] for index in first], list(first.values()), figures)
    files = dict(course.extra.files) | {f"plots/{name}": data for name, data in pictures.items()}
    return files | {f"images/{name}": data for name, data in _examples(job.task, bout.queries, first).items()}


def _figures(scores: scoring.Scores) -> Figures:
    return {name: (found.value, found.low, found.high) for name, found in scores.metrics.items()}


def _examples(task: Task, queries: Sequence[Query], answers: Mapping[int, Arrays]) -> Mapping[str, bytes]:
    """What the entry's page may show: never more than the public units."""
    public = [index for index in answers if queries[index].split == "public"]
    if task.examples is None or not public:
        return {}
    return task.examples([queries[index] for index in public], [answers[index] for index in public])


def _plan(job: Job, loading: Loading) -> Bout:
    """Decide who meets whom over what before anything runs."""
    task = job.task
    queries = loading.over(task.queries(job.prepared))
    return Bout(
        task,
        queries,
        Stand(job.tier, job.profile, task.limits, job.prepared.public, task.params),
        job.submission,
        job.reference,
        job.seed,
        job.scenario,
        plan.most_at_once(queries[0].load(), task.limits.query_mb * 1_000_000),
    )


def _run(job: Job, bout: Bout, progress: Progress) -> Course:
    """Go through every replicate, then what is asked beside them; stop at the contestant's first fault."""
    rounds = Rounds(bout, quick=job.quick)
    course = Course(rounds.left)
    name = job.submission.name
    done = 0

    def tick(answered: int) -> None:
        nonlocal done
        done += answered
        progress(name, done, rounds.total)

    progress(name, 0, rounds.total)
    try:
        for number, share, left in rounds:
            hears = curves.Listener(f"{name}: training {number + 1} of {rounds.size}", progress)
            pairing.run_replicate(bout, number, share, left, tick, hears)
        course.audits = audits.audit(bout, rounds.first, course.replicates[0], job.quick)
        course.extra = extras.gather(bout, rounds.first, course.replicates, loadgen_too=job.loadgen)
    except SubmissionError as error:
        course.status, course.message = error.status, printable(str(error), 600)
    return course


def _conditions(
    job: Job,
    course: Course,
    gauges: Mapping[str, float | str | None],
    seconds: float,
    remarks: tuple[str, ...],
    faults: tuple[str, ...],
) -> validity.Conditions:
    """Gather what decides whether the record counts."""
    whole = course.whole
    learnt = job.calibration
    same_way = learnt is not None and (learnt.task, learnt.isolation) == (job.task.name, job.tier.name)
    return validity.Conditions(
        status=course.status,
        message=course.message,
        isolation=job.tier.name,
        safe=job.tier.safe,
        quick=job.quick,
        processes=len(whole),
        ranked_processes=job.task.replicates.ranked,
        calibrated=learnt is not None,
        idle_cpu_s=sum(left.idle_cpu_s for left in whole),
        frozen_s=sum(timing.reference_ns for left in whole for timing in left.timings) / 1e9,
        load_a_core=float(gauges["load_1min"] or 0) / int(machine.machine()["cores"]),
        stolen_share=measures.share(gauges, "ticks_stolen", float(gauges.get("ticks_total") or 0)),
        stalled_share=measures.share(gauges, "stall_memory_us", seconds * 1e6),
        throttled=bool(gauges.get("throttled")),
        drift=float(gauges.get("drift") or 1),
        trend=float(gauges.get("trend") or 1),
        median_ms=measures.median_ms(whole) if same_way else None,
        floor_ms=learnt.floor_us * FLOOR_SHARE / 1e3 if learnt and same_way else None,
        audits=course.audits,
        remarks=remarks,
        faults=faults,
    )


def _misplaced(job: Job) -> str:
    name, profile = job.submission.name, job.profile.name
    if job.submission.kind == "javascript":
        return f"'{name}' is JavaScript and runs in a page: add --profile browser"
    return f"profile '{profile}' runs entries in JavaScript (submission.js), '{name}' is none; drop --profile"


def _refused(course: Course) -> tuple[str, ...]:
    """Say where a page wanted to go; its sandbox lets it reach nothing but the harness."""
    wanted = sorted({place for left in course.replicates for place in left.report.get("refused", ())})
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
