"""The command that looks for mistakes in a submission before it is measured: check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import check_home, places
from commands.lookup import prepare
from commands.options import Isolation
from commands.terminal import complain, progress_bars

if TYPE_CHECKING:
    from harness.measurement.run_plan import RunSetup
    from harness.spec import Environment, Progress, Submission, Task


def check(
    submission: Annotated[Path, typer.Argument(help="path of a submission")],
    task: Annotated[
        str,
        typer.Option("--task", metavar="TASK", help="also build it and ask it one public query of a task"),
    ] = "",
    profile: Annotated[
        str,
        typer.Option(
            "--profile", metavar="NAME", help="profile to try it on (default: the first it runs on)"
        ),
    ] = "",
    isolation: Isolation = None,
) -> None:
    """Find mistakes in a submission without measuring it.

    Example: photofinish check mine.py --task cots
    """
    from harness.check import check as look
    from harness.intake.lookup import find_task

    check_home()
    chosen = find_task(task) if task else None
    with progress_bars() as progress:
        entry = _found(submission, chosen, progress)
        setup = _setup(chosen, entry, profile, isolation, progress) if chosen else None
        checked = look(entry, setup)
    for mistake in checked.mistakes:
        complain(mistake)
    if checked.mistakes:
        raise typer.Exit(2)
    packages = _packages(entry.environment)
    phases = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in checked.phases.items())
    print(f"{entry.name}: no mistake found ({entry.kind}, {entry.size / 1e6:,.1f} MB, {packages}; {phases})")


def _packages(environment: Environment | None) -> str:
    """Say whose packages the submission runs with."""
    if environment is None:
        return "the stock packages"
    own = environment.kind == "own"
    return f"{len(environment.versions)} own packages" if own else f"the stock environment {environment.kind}"


def _found(path: Path, task: Task | None, progress: Progress) -> Submission:
    """Look at the submission from outside and make its environment ready."""
    from harness.intake.lookup import find_at
    from harness.spec import Limits
    from harness.spec.errors import UserError

    if not path.exists():
        raise UserError(f"there is no submission at {path}; give the path of a file or folder")
    return find_at(path.resolve(), task.execution.limits if task else Limits(), places(), "", progress)


def _setup(
    task: Task, entry: Submission, profile: str, isolation: str | None, progress: Progress
) -> RunSetup:
    """Make the task's own data ready, and choose the first profile that runs such a submission."""
    from harness.intake.lookup import find_profile
    from harness.measurement.run_plan import RunSetup
    from harness.sandbox import choose
    from harness.session import runtimes
    from harness.spec import PROFILES

    fitting = (name for name in task.execution.profiles if runtimes.runs(PROFILES[name], entry.kind))
    name = profile or next(fitting, task.execution.profiles[0])
    prepared = prepare(task, "", None, 0, progress)
    return RunSetup(
        task, prepared, find_profile(task, name), choose(isolation), places().host_log, quick=True
    )
