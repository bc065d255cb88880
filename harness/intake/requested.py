"""Find what a request names, and make sure that it is what was meant."""

from __future__ import annotations

from dataclasses import replace

from harness.files import sha256_of
from harness.intake.lookup import find_submission, find_task, named_entries
from harness.intake.request import RequestedData, RequestedSubmission, RequestedTask
from harness.intake.sealing import key_with_hash
from harness.spec import DataRequest, OwnEnvironments, Places, Prepared, Progress, Submission, Task
from harness.spec.errors import UnknownName, UserError


def requested_task(wanted: RequestedTask) -> Task:
    """Find the task. Raises UserError where it is not here, or another version of it is."""
    if wanted.file and not wanted.file.is_file():
        raise UserError(f"the task's file is not at {wanted.file}; copy it here and name it with --task")
    if wanted.file and wanted.sha256:
        _check(f"the task's file {wanted.file}", sha256_of(wanted.file), wanted.sha256)
    task = find_task(str(wanted.file or wanted.name))
    if (task.name, task.version) != (wanted.name, wanted.version):
        raise UserError(
            f"the request is for task '{wanted.name}' version {wanted.version}; here it is "
            f"'{task.name}' version {task.version}"
        )
    return with_rules(task, wanted.environments)


def with_rules(task: Task, environments: OwnEnvironments | None) -> Task:
    """Return a task whose submissions may bring these packages; as it is for None."""
    if environments is None:
        return task
    limits = replace(task.execution.limits, environments=environments)
    return replace(task, execution=replace(task.execution, limits=limits))


def requested_data(wanted: RequestedData, task: Task, places: Places, progress: Progress) -> Prepared:
    """Make the data ready. Raises UserError where they are others, or their source is not here."""
    if wanted.source and not wanted.source.exists():
        raise UserError(f"the data are not at {wanted.source}; copy them here and name them with --from")
    if wanted.variant not in task.dataset.variants:
        raise UnknownName("data variant", wanted.variant, task.dataset.variants)
    name, seed = f"{task.dataset.name}-{wanted.variant}", wanted.seed
    if wanted.key_sha256:
        seed = key_with_hash(places.data, name, wanted.key_sha256)
    prepared = task.dataset.prepare(DataRequest(wanted.variant, places.data, wanted.source, seed, progress))
    _check(
        f"the {prepared.name} {prepared.variant} data made here",
        prepared.sha256,
        wanted.sha256,
        "; give the folder or file they were made from with --from" if not wanted.source else "",
    )
    return prepared


def requested_submission(
    wanted: RequestedSubmission, task: Task, places: Places, progress: Progress
) -> Submission:
    """Find a submission. Raises UserError where it is not here, or its files are others."""
    entries = named_entries(task)
    if wanted.path is None and wanted.name not in entries:
        raise UnknownName(f"entry of {task.name}", wanted.name, entries)
    if wanted.path and not wanted.path.exists():
        raise UserError(
            f"the submission '{wanted.name}' (SHA-256 {wanted.sha256[:16]}…) is not at {wanted.path}; "
            "copy it here and name it with --submission"
        )
    submission = find_submission(task, str(wanted.path or wanted.name), places, wanted.team, progress)
    _check(f"the submission '{wanted.name}'", submission.sha256, wanted.sha256)
    return replace(submission, name=wanted.name)


def _check(what: str, sha256: str, wanted: str, remedy: str = "") -> None:
    if sha256 != wanted:
        raise UserError(f"{what} has SHA-256 {sha256[:16]}…, the request names {wanted[:16]}…{remedy}")
