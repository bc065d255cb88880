"""Start a submission or a task: files that work as they are and are there to be changed."""

from __future__ import annotations

import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import check_home
from commands.lookup import data_options, entry_of, prepare
from commands.options import Source, Variant
from commands.terminal import progress_bars
from commands.trying import parts
from harness import ROOT
from harness.files import new_folder
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from harness.spec import Prepared, Submission, Task
    from harness.trial import Step

STARTER = ROOT / "commands" / "starter"
WIDTH = 96


def init(
    task_name: Annotated[
        str, typer.Argument(metavar="TASK", help="task of the submission; the FOLDER itself with --task")
    ],
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="folder to be made")] = None,
    new_task: Annotated[
        str,
        typer.Option("--task", metavar="NAME", help="write a task of this name, with a reference and test"),
    ] = "",
    data: Variant = "",
    source: Source = None,
) -> None:
    """Write a small working submission for a task, or with --task NAME FOLDER a small working task.

    Example: photofinish init cots mine
    """
    if new_task:
        if folder is not None:
            raise UserError(f"--task takes the folder alone: init --task {new_task} {folder}")
        _init_task(new_task, _free(Path(task_name)))
    elif folder is None:
        raise UserError(f"name the folder to be made: init {task_name} FOLDER")
    else:
        _init_submission(task_name, _free(folder), data, source)


def _free(folder: Path) -> Path:
    """Return the folder where nothing is there yet. Raises UserError otherwise."""
    if folder.exists():
        raise UserError(f"{folder} exists already; name a folder that does not, nothing is overwritten")
    return folder.absolute()


def _init_task(name: str, folder: Path) -> None:
    from harness.intake.lookup import task_names

    if not re.fullmatch("[a-z][a-z0-9_]*", name) or name in task_names():
        raise UserError(
            f"'{name}' cannot be a task's name: small letters, digits and _, and not a shipped one"
        )
    with new_folder(folder) as made:
        for file in STARTER.glob("*.py"):
            text = file.read_text("utf-8")
            (made / file.name).write_text(
                text.replace("starter", name) if file.name == "task.py" else text, "utf-8"
            )
    shown = _shown(folder)
    print(f"Wrote {shown}/task.py, reference.py and test_task.py: a whole task that runs as it is.")
    print(f"Next: photofinish run {shown}/task.py reference --quick")
    print(f"      photofinish init {shown}/task.py FOLDER         begin a submission to it")
    print(f"      cd {ROOT} && .venv/harness/bin/python -m pytest {folder}")


def _init_submission(task_name: str, folder: Path, data: str, source: Path | None) -> None:
    from harness.intake.lookup import find_task

    check_home()
    task = find_task(task_name)
    with progress_bars() as progress:
        reference = entry_of(task, task.execution.reference, "", progress)
        prepared = prepare(task, data, source, 0, progress)
    if reference.kind != "python":
        raise UserError(f"the reference of {task.name} is a bare model; hand in a model file of your own")
    with new_folder(folder) as made, tempfile.TemporaryDirectory() as work:
        if reference.path.is_dir():
            shutil.copytree(reference.path, made, dirs_exist_ok=True)
        else:
            shutil.copyfile(reference.path, made / "submission.py")
        file = made / "submission.py"
        head = "\n".join(_head(task, task_name, _first_query(task, prepared, reference, Path(work))))
        file.write_text(f"{head}\n\n{file.read_text('utf-8')}", "utf-8")
    shown = _shown(folder)
    print(f"Wrote {shown}/submission.py: a copy of the reference '{reference.name}', which works as it is.")
    chosen = data_options(data, source)
    print(f"Next: photofinish try {task_name} {shown}{chosen}")
    print(f"      photofinish run {task_name} {shown} --quick{chosen}")


def _first_query(task: Task, prepared: Prepared, reference: Submission, work: Path) -> Step:
    """Ask the reference the first public query, to see shapes; without an answer where it trains for long."""
    from harness import trial
    from harness.interactions import Training
    from harness.measurement.run_plan import RunSetup, plan_run
    from harness.sandbox import choose
    from harness.spec import PROFILES

    profile = PROFILES[task.execution.profiles[0]]
    setup = RunSetup(task, prepared, profile, choose(None), work / "host.log", quick=True)
    run_plan = plan_run(setup, reference, reference)
    if isinstance(task.interaction, Training):
        (index,) = trial.first_public(run_plan.queries, 1)[-1:]
        return trial.Step(run_plan.queries[index].id, 0.0, index, run_plan.queries[index].load())
    return list(trial.steps(run_plan, 1))[-1]


def _head(task: Task, typed: str, first: Step) -> Iterator[str]:
    """Yield the comments that a submission begins with: what is asked, and in which shapes."""
    yield f"# A submission to the task {task.name}: {task.title}."
    yield "#"
    yield from (f"# {line}" for line in textwrap.wrap(task.description, WIDTH))
    if first.sent is not None:
        yield from ("#", f"# The first query, {first.name}, is:")
        yield from (f"#     {part}" for part in parts(first.sent))
    if first.answer is not None:
        yield from ("#", "# and the model below answers it with:")
        yield from (f"#     {part}" for part in parts(first.answer))
    limits = task.execution.limits
    yield "#"
    times = f"build may take {limits.build_s:g} s and a query {limits.query_s:g} s"
    yield f"# {times}, in {limits.memory_mb:,} MB of memory."
    yield "# context has public (a folder), workdir (writable), profile, seed and params; nothing is imported"
    yield "# from Photofinish."
    yield f"#     photofinish tasks {typed}   prints all of this, the metrics and the limits"


def _shown(folder: Path) -> str:
    """Name a folder as short as it can be typed here."""
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
