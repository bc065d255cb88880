"""Evaluation requests: made from what was typed, run, and published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from commands.boards import publish_record
from commands.home import home, places
from commands.lookup import entry_of, prepare, sealed_name
from commands.terminal import complain, environment_fault
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from harness.evaluate import Evaluation
    from harness.intake.request import (
        EvaluationRequest,
        RequestedData,
        RequestedSubmission,
        RequestedTask,
        RunOptions,
    )
    from harness.record import Record
    from harness.spec import Places, Progress, Submission, Task
    from machines.executor import Evaluator, Executor


def requested_task(task: Task, typed: str) -> RequestedTask:
    """Name a task as it was typed: by its name, or by its file."""
    from harness.files import sha256_of
    from harness.intake.lookup import task_names
    from harness.intake.request import RequestedTask

    if typed in task_names():
        return RequestedTask(name=task.name, version=task.version)
    file = Path(typed).resolve()
    return RequestedTask(name=task.name, version=task.version, file=file, sha256=sha256_of(file))


def requested_data(
    task: Task, variant: str, source: Path | None, seed: int, progress: Progress, *, sealed: bool = False
) -> RequestedData:
    """Make the data ready, name them by their hash, and say how they can be made again.

    With ``sealed`` they are made from the secret key of this home, which is named by its hash alone.
    """
    from harness.intake.request import RequestedData
    from harness.intake.sealing import sealed_key
    from harness.spec.dataset import key_hash

    key = sealed_key(places().data, sealed_name(task, variant)) if sealed else None
    prepared = prepare(task, variant, source, seed if key is None else key, progress)
    return RequestedData(
        name=prepared.name,
        variant=prepared.variant,
        sha256=prepared.sha256,
        seed=0 if sealed else seed,
        key_sha256=None if key is None else key_hash(key),
        source=source.resolve() if source else None,
    )


def requested_submission(task: Task, typed: str, team: str, progress: Progress) -> RequestedSubmission:
    """Name a submission as it was typed: a shipped entry by its name, others by path or record.

    Its files are kept.
    """
    from harness.intake.kept import keep
    from harness.intake.lookup import named_entries
    from harness.intake.request import RequestedSubmission

    submission = entry_of(task, typed, team, progress)
    keep(submission, places().kept)  # also where another machine evaluates it
    return RequestedSubmission(
        name=submission.name,
        team=submission.team,
        kind=submission.kind,
        sha256=submission.sha256,
        path=None if typed in named_entries(task) else _path(typed, submission),
    )


def evaluation_request(
    task: Task,
    typed: str,
    submission: RequestedSubmission,
    data: RequestedData,
    options: RunOptions,
    progress: Progress,
) -> EvaluationRequest:
    """Request one evaluation of a submission beside the task's reference; ``typed`` named the task."""
    from harness.intake.request import EvaluationRequest

    return EvaluationRequest(
        task=requested_task(task, typed),
        data=data,
        submission=submission,
        reference=requested_submission(task, task.execution.reference, "", progress),
        run=options,
    )


def _path(typed: str, submission: Submission) -> Path:
    """Return what was typed, or where the submission of a record is kept."""
    return Path(typed).resolve() if Path(typed).exists() else submission.path


def executor_at(address: str | None, hardware_class: str = "") -> Executor:
    """Return what evaluates: this machine, or the enrolled machines of the cluster at ``address``.

    With ``hardware_class`` only machines of that class get jobs.
    """
    from machines.executor import LocalExecutor

    if address is None:
        return LocalExecutor()
    from machines.ray_cluster import RayCluster
    from machines.ray_executor import RayExecutor, Terms

    return RayExecutor(RayCluster(address, home()), home(), Terms(hardware_class=hardware_class))


def run_request(
    request: EvaluationRequest,
    task: Task,
    where: Places,
    progress: Progress,
    evaluator: Evaluator | None = None,
) -> Evaluation:
    """Run a request here or where ``evaluator`` does, log its record in the ledger, rank it on its board."""
    from harness.evaluate import evaluate

    evaluation = (evaluator or evaluate)(request, where, progress)
    try:
        publish_record(evaluation.folder, task, progress)
    except (UserError, OSError) as error:  # what was measured is whole; other requests are run all the same
        fault = environment_fault(error) if isinstance(error, OSError) else error
        if fault is None:
            raise
        complain(f"record {evaluation.record.id} is kept in {evaluation.folder} but not published: {fault}")
    return evaluation


def summary(record: Record) -> str:
    """Say in a line how an evaluation went."""
    from leaderboards.boards.names import plain

    overhead, decoding = (float(record.gauges.get(name) or 0) for name in ("harness_share", "loading_share"))
    processes = "1 process" if record.processes == 1 else f"{record.processes} processes"
    measured = (
        f"Measured {processes} in {record.seconds:.0f} s "
        f"(harness overhead {100 * overhead:.0f} %, data decoding {100 * decoding:.0f} %)."
    )
    state = record.validity.state
    doubtful = state != "valid" and not record.message
    reasons = plain(" ".join(record.validity.reasons), 400)
    outcome = f"{measured} {state.capitalize()}: {reasons}" if doubtful else measured
    return f"{plain(record.submission.name)}: {record.message or outcome}"
