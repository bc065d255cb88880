"""Names and paths into tasks and submissions; the only importer of a user's file.

A task's file is imported here, for tasks are trusted. A submission's never is: it is found, looked
at from outside, hashed, and imported in the sandbox.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness import ROOT
from harness.files import sha256_of
from harness.intake import archives, task_file
from harness.intake.declaration import first_mistake
from harness.session import runtimes
from harness.spec import PROFILES, Limits, Places, Profile, Progress, Submission, Task, no_progress
from harness.spec.errors import InvalidSubmission, UnknownName, UserError

SUBMISSIONS = ROOT / "submissions"


def task_names() -> list[str]:
    """The shipped tasks, by name."""
    return sorted(path.parent.name for path in (ROOT / "tasks").glob("*/task.py"))


def find_task(name: str) -> Task:
    """Find a task by name, or by the path of a Python file that defines ``task``.

    Raises UnknownName, or UserError where the file defines no task or cannot be imported.
    """
    path = Path(name)
    if path.suffix == ".py" and path.is_file():
        return replace(_task_in(path.resolve()), folder=path.resolve().parent)
    if name not in task_names():
        raise UnknownName("task", name, task_names())
    return replace(_task_in(ROOT / "tasks" / name / "task.py"), folder=ROOT / "tasks" / name)


def _task_in(path: Path) -> Task:
    task = getattr(task_file.imported(path), "task", None)
    if not isinstance(task, Task):
        raise UserError(f"{path} defines no 'task = Task(...)'; docs/tasks.md shows one")
    if mistake := first_mistake(task):
        raise UserError(f"{path}: {mistake}; docs/tasks.md says what each field takes")
    return task


def find_profile(task: Task, name: str) -> Profile:
    """Find a profile by name. Raises UnknownName, or UserError where the task has no such board."""
    if name not in PROFILES:
        raise UnknownName("profile", name, PROFILES)
    if name not in task.execution.profiles:
        raise UserError(
            f"task '{task.name}' is not run on profile '{name}'; it has {', '.join(task.execution.profiles)}"
        )
    return PROFILES[name]


def shipped_names(task: Task, profile: Profile | None = None) -> list[str]:
    """The entries that run where none is named: those shipped, or that a profile can run, reference first.

    Of a task with a file of its own this is at least its reference.
    """
    reference = named_entries(task).get(task.execution.reference)
    paths = {path for path, _ in _candidates(_shipped_folder(task))} | ({reference} if reference else set())
    kinds = {path: runtimes.kind_of(path) for path in paths}
    runnable = [
        path for path, kind in kinds.items() if kind and (not profile or runtimes.runs(profile, kind))
    ]
    names = {path.stem if path.is_file() else path.name for path in runnable}
    return sorted(names, key=lambda name: (name != task.execution.reference, name))


def _candidates(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.glob("[!_]*"):
        kind = runtimes.kind_of(path)
        if kind:
            yield path, kind


def find_submission(
    task: Task, name: str, places: Places, team: str = "", progress: Progress = no_progress
) -> Submission:
    """Find a submission by the name of a shipped entry or by path, check it from outside, hash it.

    A shipped entry that needs more files than its own is assembled first, and the environment of a submission
    is made ready. Raises UnknownName; UserError if there is nothing at the path;
    InvalidSubmission if it is no submission; and what ``assemble`` and ``with_environment`` raise.
    """
    if not name:
        raise UserError("the name of the submission is empty; give a path, or the name of a shipped entry")
    shipped = named_entries(task)
    path = shipped.get(name, Path(name))
    if not path.exists():
        if os.sep in name or path.suffix:
            raise UserError(f"there is no submission at {name}; give the path of a file or folder")
        raise UnknownName("submission", name, shipped)
    path = _assembled(path.resolve(), places, progress)
    return find_at(path, task.execution.limits, places, team, progress)


def find_at(path: Path, limits: Limits, places: Places, team: str, progress: Progress) -> Submission:
    """Look at the submission at a path, and make its environment ready.

    Raises InvalidSubmission if it is none, and what ``with_environment`` raises.
    """
    # Imported on use: listing tasks should not wait for what reads lock files.
    from harness.intake.packaged import with_environment

    submission = inspect(path, limits, places.entries, team)
    return with_environment(submission, limits.environments, places, progress)


def _assembled(path: Path, places: Places, progress: Progress) -> Path:
    """Return a shipped entry with what it needs, and any other path as it is."""
    if path.parent.parent != SUBMISSIONS or not (path / "needs.json").is_file():
        return path
    # Imported on use: listing tasks should not wait for pydantic.
    from harness.intake.needs import assemble

    return assemble(path, places.entries, places.packages, progress)


def _shipped_folder(task: Task) -> Path:
    return SUBMISSIONS / (task.execution.entries or task.name)


def named_entries(task: Task) -> dict[str, Path]:
    """Return the entries that can be called by name: those shipped, and those beside a task's own file."""
    folders = [_shipped_folder(task)]
    if task.folder and task.folder.parent != ROOT / "tasks":
        folders.append(task.folder)
    paths = [path for folder in folders for path, _ in _candidates(folder)]
    return {path.stem if path.is_file() else path.name: path for path in paths}


def inspect(path: Path, limits: Limits, entries: Path, team: str = "") -> Submission:
    """Look at a submission without running any of it.

    An archive is unpacked below ``entries``, and a folder with litter of tools is copied there without it.
    Raises InvalidSubmission for anything but plain files and folders within the limits.
    """
    name = (
        path.name.partition(".")[0]
        if archives.is_archive(path)
        else path.stem
        if path.is_file()
        else path.name
    )
    if not (path.is_file() or path.is_dir()):
        raise InvalidSubmission(f"{path} is neither a file nor a folder; ship plain files")
    given = path.name
    if archives.is_archive(path):
        path = archives.unpack(path, entries, limits)
    kind = runtimes.kind_of(path)
    if kind is None:
        raise InvalidSubmission(f"{given} is no submission: {runtimes.instead(path)}")
    digest, size = hashlib.sha256(), 0
    for count, (part, file) in enumerate(archives.files(path)):
        size += file.stat().st_size
        if count >= archives.MOST_FILES or size > limits.submission_mb * 1_000_000:
            raise InvalidSubmission(
                f"{given} is too large: at most {archives.MOST_FILES} files and {limits.submission_mb} MB"
            )
        digest.update(f"{part}\0{file.stat().st_size}\0".encode(errors="surrogateescape"))
        digest.update(bytes.fromhex(sha256_of(file)))
    if path.is_dir():
        path = archives.tidy(path, digest.hexdigest(), entries)
    readable = name.encode(errors="replace").decode()  # a file's name need not be UTF-8
    return Submission(readable, path, kind, digest.hexdigest(), size, team)
