"""The command line of Photofinish: submit models, run benchmarks, view leaderboards.

The one file that knows every room. Each command imports what it needs when it runs, so that
``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.errors import PhotofinishError, UnknownName, UserError

if TYPE_CHECKING:
    from harness.spec import Prepared, Progress, Task
    from leaderboards.board import Board

app = typer.Typer(
    help="Submit models, run benchmarks, view leaderboards on which a lead has to be real.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the rich one takes 0.3 s to import
)

TaskName = Annotated[str, typer.Argument(help="a task's name, or the path of a file that defines one")]
ProfileName = Annotated[str, typer.Option("--profile", help="cpu, edge, gpu …")]
Variant = Annotated[str, typer.Option("--data", help="which variant of the task's dataset")]
Source = Annotated[Path | None, typer.Option("--from", help="your own folder in the dataset's layout")]
Seed = Annotated[int, typer.Option(help="of generated data, shares and order")]


@app.command()
def tasks() -> None:
    """List the tasks."""
    from rich.console import Console
    from rich.table import Table

    from harness.load import find_task, shipped_names, task_names

    table = Table("task", "what is asked", "data", "entries", box=None, header_style="bold")
    for name in task_names():
        task = find_task(name)
        table.add_row(name, task.title, ", ".join(task.dataset.variants), ", ".join(shipped_names(task)))
    Console().print(table)


@app.command()
def run(
    task: TaskName,
    submission: Annotated[
        str | None, typer.Argument(help="a shipped entry's name or a path; left out: every shipped entry")
    ] = None,
    profile: ProfileName = "cpu",
    data: Variant = "",
    source: Source = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="fewer processes; the record is provisional")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the record, nothing else")] = False,
    seed: Seed = 0,
    team: Annotated[str, typer.Option(help="whose submission it is")] = "",
    isolation: Annotated[str | None, typer.Option(help="a weaker tier than this machine's best")] = None,
) -> None:
    """Measure submissions on a task, log them, and show the board."""
    from harness.evaluate import Job, evaluate
    from harness.load import find_profile, find_submission, find_task, shipped_names
    from harness.runtime import home
    from harness.sandbox import choose

    found = find_task(task)
    chosen = find_profile(found, profile)
    tier = choose(isolation)
    names = [submission] if submission else shipped_names(found)
    entries = [find_submission(found, name, team or _team_of(name, found)) for name in names]
    reference = find_submission(found, found.reference, _team_of(found.reference, found))
    with _progress() as progress:
        prepared = _prepare(found, data, source, seed, progress)
        evaluations = []
        for entry in entries:
            job = Job(found, prepared, chosen, entry, reference, tier, home() / "records", quick, seed)
            evaluations.append(evaluate(job, progress))
            _publish(evaluations[-1].folder, found, progress)
    for evaluation in evaluations:
        if as_json:
            print(evaluation.record.to_json())
        if evaluation.record.status != "ok":
            _complain(f"{evaluation.record.submission.name}: {evaluation.record.message}")
    if not as_json:
        _show_board(_board(found, profile, prepared.variant, prepared.sha256))
    if any(evaluation.record.status != "ok" for evaluation in evaluations):
        raise typer.Exit(2)


@app.command()
def board(
    task: TaskName,
    profile: ProfileName = "cpu",
    data: Variant = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the board as JSON")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print the board as CSV")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="print the board as Markdown")] = False,
) -> None:
    """Show a task's leaderboard."""
    from harness.load import find_profile, find_task
    from leaderboards import export

    found = find_task(task)
    find_profile(found, profile)
    form: Literal["", "json", "csv", "markdown"] = (
        "json" if as_json else "csv" if as_csv else "markdown" if as_markdown else ""
    )
    if not form:
        _show_board(_board(found, profile, _variant(found, data)))
        return
    write = {"json": export.to_json, "csv": export.to_csv, "markdown": export.to_markdown}[form]
    print(write(_board(found, profile, _variant(found, data))), end="")


@app.command()
def show(
    record: Annotated[str, typer.Argument(help="the first digits of a record's id")],
    as_json: Annotated[bool, typer.Option("--json", help="print the record as JSON")] = False,
) -> None:
    """Show one record whole."""
    from harness.record import Record
    from harness.runtime import home
    from leaderboards.record_view import show_record

    folders = {path.parent.name: path for path in (home() / "records").glob("[!.]*/record.json")}
    fitting = [name for name in folders if name.startswith(record)]
    if len(fitting) != 1:
        raise UnknownName("record", record, fitting or folders)
    text = folders[fitting[0]].read_text()
    if as_json:
        print(text)
    else:
        show_record(Record.from_json(text))


@app.command()
def data(task: TaskName, variant: Variant = "", source: Source = None, seed: Seed = 0) -> None:
    """Make a task's dataset ready and say where it is."""
    from harness.load import find_task

    found = find_task(task)
    with _progress() as progress:
        prepared = _prepare(found, variant, source, seed, progress)
    print(f"{prepared.name} {prepared.variant}  sha256 {prepared.sha256}")
    print(f"public   {prepared.public}")
    print(f"queries  {len(found.queries(prepared))}")


@app.command()
def doctor() -> None:
    """Say what isolation, runtimes, devices and credentials this machine has, and what to install."""
    from rich.console import Console
    from rich.table import Table

    from harness.checkup import checks

    table = Table("", "part", "what is here", box=None, header_style="bold")
    for check in checks():
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]–[/]"}[check.good]
        table.add_row(mark, check.part, check.found)
    Console().print(table)


def _variant(task: Task, name: str) -> str:
    variants = task.dataset.variants
    if name and name not in variants:
        raise UnknownName("data variant", name, variants)
    return name or next(iter(variants))


def _prepare(task: Task, variant: str, source: Path | None, seed: int, progress: Progress) -> Prepared:
    from harness.runtime import home
    from harness.spec import DataRequest

    chosen = variant or ("full" if source and "full" in task.dataset.variants else "")
    return task.dataset.prepare(DataRequest(_variant(task, chosen), home() / "data", source, seed, progress))


def _team_of(name: str, task: Task) -> str:
    from harness.load import shipped_names
    from leaderboards.board import SHIPPED

    return SHIPPED if name in shipped_names(task) else ""


def _publish(folder: Path, task: Task, progress: Progress) -> None:
    """Log a record in the ledger and rank it on its board."""
    from harness.runtime import home
    from leaderboards.publish import publish
    from leaderboards.spec import BoardSpec

    progress("logging", 0, 0)
    publish(home(), folder, BoardSpec.of(task))


def _mend() -> None:
    """Publish what a killed run left unpublished."""
    from harness.load import find_task, task_names
    from harness.record import Record
    from harness.runtime import home
    from leaderboards.publish import mend
    from leaderboards.spec import BoardSpec

    def spec_of(record: Record) -> BoardSpec | None:
        if record.task not in task_names():
            return None
        found = find_task(record.task)
        return BoardSpec.of(found) if found.version == record.task_version else None

    mend(home(), spec_of)


def _board(task: Task, profile: str, variant: str, sha256: str = "") -> Board:
    """The newest board of a task, profile and data variant. Raises UserError where there is none."""
    from harness.runtime import home
    from leaderboards import index

    _mend()
    engine = index.open_index(home())
    for listing in index.listings(engine, task.name, profile, variant):
        if sha256 in {"", listing.key.sha256}:
            found = index.page(engine, listing.key)
            if found:
                return found
    raise UserError(f"no records of {task.name} on {profile} and {variant} data yet; make one with 'run'")


def _show_board(board: Board) -> None:
    from leaderboards.terminal import show_board

    show_board(board)


def _complain(message: str) -> None:
    print(message, file=sys.stderr)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Progress bars on standard error, one a subject, gone when done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        shown: dict[str, object] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in shown:
                shown[what] = bars.add_task(what, total=total or None)
            bars.update(shown[what], completed=done, total=total or None)  # type: ignore[arg-type]

        yield report


def main() -> None:
    """Run the command; tell people what went wrong in a line, and whose fault it was by exit code."""
    command: Callable[[], None] = app
    try:
        command()
    except PhotofinishError as error:
        _complain(f"photofinish: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _complain("photofinish: interrupted; nothing half-written was kept")
        sys.exit(130)


if __name__ == "__main__":
    main()
