"""Try a submission on a few public queries: what it prints, what it answers, where its time goes.

A parameter of a command is an option that can be typed: that is why there are more than eight.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import check_home, places
from commands.lookup import data_options, entry_of, prepare
from commands.options import Isolation, ProfileName, Source, TaskName, Variant
from commands.terminal import complain, progress_bars
from harness.spec.errors import PhotofinishError, UserError

if TYPE_CHECKING:
    from harness.measurement.run_plan import RunPlan, RunSetup
    from harness.spec import Arrays
    from harness.trial import Step

POLL_S = 0.2


def try_(
    task_name: TaskName,
    submission: Annotated[str, typer.Argument(help="path of a submission, or a shipped entry's name")],
    profile: ProfileName = "cpu",
    data: Variant = "",
    source: Source = None,
    queries: Annotated[int, typer.Option(min=1, help="how many public queries to ask")] = 5,
    isolation: Isolation = None,
    watch: Annotated[bool, typer.Option("--watch", help="try again at every save, until Ctrl-C")] = False,
    profile_code: Annotated[
        bool, typer.Option("--profile-code", help="print which functions take the time (cProfile)")
    ] = False,
) -> None:
    """Try a submission on a few public queries in the sandbox, and keep nothing.

    Example: photofinish try cots mine.py --watch
    """
    from harness.intake.lookup import find_profile, find_task
    from harness.measurement.run_plan import RunSetup
    from harness.sandbox import choose

    check_home()
    task = find_task(task_name)
    chosen, backend = find_profile(task, profile), choose(isolation)
    with progress_bars() as progress:
        prepared = prepare(task, data, source, 0, progress)
    setup = RunSetup(task, prepared, chosen, backend, places().host_log, quick=True)

    def once() -> None:
        _try_once(setup, submission, queries, profile_code=profile_code)
        chosen = data_options(data, source)
        print(f"Nothing was recorded. Next: photofinish run {task_name} {submission} --quick{chosen}")

    if watch:
        _watch(Path(submission), once)
    else:
        once()


def _try_once(setup: RunSetup, name: str, most: int, *, profile_code: bool) -> None:
    """Print every step of one trial. Raises SubmissionError where the submission fails."""
    from harness import trial
    from harness.measurement.run_plan import planned

    started, tried = perf_counter(), list[trial.Step]()
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        entry = entry_of(setup.task, name, "", progress)
        if profile_code:
            entry = trial.profiled(entry, most, Path(folder))
        with planned(setup, entry, entry, progress=progress) as run_plan:
            for step in trial.steps(run_plan, most, _print_log):
                first = step.answer is not None and all(other.answer is None for other in tried)
                before = next((other.sent for other in reversed(tried) if other.sent is not None), None)
                tried.append(step)
                print(_line(step, before), flush=True)
                if first:
                    print(f"  first answer after {perf_counter() - started:.1f} s", flush=True)
    _print_scores(run_plan, tried)


def _line(step: Step, before: Arrays | None) -> str:
    """Say in a line how long a step took and which arrays went in and out.

    What went in is left out where it looks like what went in ``before``.
    """
    took = f"{step.seconds:8.3f} s " if step.seconds >= 1 else f"{1e3 * step.seconds:8.2f} ms"
    line = f"{step.name:<24} {took}"
    if step.sent is not None and (before is None or described(before) != described(step.sent)):
        line += f"   {described(step.sent)}"
    if step.answer is not None:
        line += f"   -> {described(step.answer)}"
    return line


def described(arrays: Arrays) -> str:
    """Say which arrays there are: ``frame uint8 (720, 1280, 3)``."""
    return ", ".join(parts(arrays))


def parts(arrays: Arrays) -> list[str]:
    """Describe each array by itself."""
    if isinstance(arrays, Mapping):
        return [f"{name} {described(array)}" for name, array in arrays.items()]
    return [f"{arrays.dtype} {arrays.shape}"]


def _print_log(data: bytes) -> None:
    """Print what the submission prints, as it comes and safe to show."""
    from harness.session.log import printable_lines

    sys.stdout.write(printable_lines(data.decode("utf-8", "replace")))
    sys.stdout.flush()


def _print_scores(run_plan: RunPlan, tried: list[Step]) -> None:
    from harness import trial
    from leaderboards.boards.spec import BoardSpec

    measures = trial.scored(run_plan, tried)
    columns = [column for column in BoardSpec.of(run_plan.task).columns if column.name in measures]
    shown = ", ".join(f"{column.title} {column.shown(measures[column.name].value)}" for column in columns)
    if shown:
        print(f"On these queries alone: {shown}.")


def _watch(path: Path, once: Callable[[], None]) -> None:
    """Try now and at every change of the submission's files, until interrupted."""
    if not path.exists():
        raise UserError(f"there is no submission at {path}; --watch needs a file or a folder")
    try:
        while True:
            seen = _stamp(path)
            try:
                once()
            except PhotofinishError as error:
                complain(f"photofinish: {error}")
            print(f"Watching {path}; Ctrl-C stops.", flush=True)
            while _stamp(path) == seen:
                sleep(POLL_S)
    except KeyboardInterrupt:
        print()


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Return a value that changes whenever a file of the submission does."""
    stamps = []
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        with suppress(FileNotFoundError):  # editors replace the file they save
            status = file.stat()
            stamps.append((str(file), status.st_mtime_ns, status.st_size))
    return stamps
