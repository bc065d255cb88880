"""The command line of Photofinish: submit models, run benchmarks, view leaderboards.

The one file that knows every room. Each command imports what it needs when it runs, so that
``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from harness.errors import PhotofinishError, UnknownName, UserError

if TYPE_CHECKING:
    from harness.record import Record
    from harness.spec import Prepared, Progress, Query, Scenario, Submission, Task
    from leaderboards.board import Board
    from leaderboards.closing import Final
    from leaderboards.spec import BoardKey

app = typer.Typer(
    help="Submit models, run benchmarks, view leaderboards on which a lead has to be real.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the rich one takes 0.3 s to import
)
boards = typer.Typer(
    help="Keep boards: rebuild them from MLflow, close them, score their records anew.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(boards, name="boards")

TaskName = Annotated[str, typer.Argument(help="a task's name, or the path of a file that defines one")]
ProfileName = Annotated[str, typer.Option("--profile", help="cpu, edge, gpu, browser")]
Variant = Annotated[str, typer.Option("--data", help="which variant of the task's dataset")]
Source = Annotated[Path | None, typer.Option("--from", help="your own folder in the dataset's layout")]
Isolation = Annotated[str | None, typer.Option(help="a weaker tier than this machine's best")]
ScenarioName = Annotated[str, typer.Option(help="single_stream, multi_stream, offline or server")]
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
    isolation: Isolation = None,
    scenario: ScenarioName = "",
    loadgen: Annotated[bool, typer.Option("--loadgen", help="run it under MLPerf's LoadGen too")] = False,
) -> None:
    """Measure submissions on a task, log them, and show the board."""
    from harness import calibration
    from harness.evaluate import Job, evaluate
    from harness.load import find_profile, find_task, shipped_names
    from harness.runtime import home
    from harness.sandbox import choose
    from leaderboards.text import plain

    found = find_task(task)
    chosen = find_profile(found, profile)
    tier = choose(isolation)
    names = [submission] if submission else shipped_names(found, chosen)
    with _progress() as progress:
        reference = _entry(found, found.reference, "", progress)
        entries = [_entry(found, name, team, progress) for name in names]
        prepared = _prepare(found, data, source, seed, progress)
        evaluations = []
        for entry in entries:
            job = Job(
                found,
                prepared,
                chosen,
                entry,
                reference,
                tier,
                home() / "records",
                quick,
                seed,
                _scenario(found, scenario),
                loadgen,
                calibration.read(home(), profile),
            )
            evaluations.append(evaluate(job, progress))
            _publish(evaluations[-1].folder, found, progress)
    for evaluation in evaluations:
        if as_json:
            print(evaluation.record.to_json())
        if evaluation.record.status != "ok":
            _complain(f"{plain(evaluation.record.submission.name)}: {evaluation.record.message}")
    if not as_json:
        _show_board(_board(found, profile, prepared.variant, scenario, prepared.sha256))
    if any(evaluation.record.status != "ok" for evaluation in evaluations):
        raise typer.Exit(2)


@app.command()
def board(
    task: TaskName,
    profile: ProfileName = "cpu",
    data: Variant = "",
    scenario: ScenarioName = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the whole board as JSON")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print the whole board as CSV")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="print the whole board as Markdown")
    ] = False,
    rows: Annotated[int, typer.Option(min=0, help="how many rows the terminal shows (0: all)")] = 50,
    final: Annotated[
        bool, typer.Option("--final", help="as the private split ranks it, once closed")
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="models by profile and runtime: speed and score")
    ] = False,
) -> None:
    """Show a task's leaderboard."""
    from dataclasses import replace

    from harness.load import find_profile, find_task
    from leaderboards import export

    found = find_task(task)
    find_profile(found, profile)
    if table:
        _show_table(found, _variant(found, data), scenario, as_markdown)
        return
    form: Literal["", "json", "csv", "markdown"] = (
        "json" if as_json else "csv" if as_csv else "markdown" if as_markdown else ""
    )
    shown = _board(found, profile, _variant(found, data), scenario, limit=None if form else rows or None)
    if final:
        shown = _closed(shown.key).private
        shown = shown if form or not rows else replace(shown, rows=shown.rows[:rows])
    if not form:
        _show_board(shown)
        return
    write = {"json": export.to_json, "csv": export.to_csv, "markdown": export.to_markdown}[form]
    print(write(shown), end="")


@app.command()
def show(
    record: Annotated[str, typer.Argument(help="the first digits of a record's id")],
    as_json: Annotated[bool, typer.Option("--json", help="print the record as JSON")] = False,
    plots: Annotated[bool, typer.Option("--plots", help="say where its pictures are")] = False,
) -> None:
    """Show one record whole."""
    from leaderboards.record_view import show_record

    found = _record(record)
    if found is None:
        raise UnknownName("record", record, _record_folders())
    if as_json:
        print(found.to_json())
        return
    show_record(found)
    if plots:
        for picture in sorted((_record_folders()[found.id] / "plots").glob("*.png")):
            print(picture)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="0.0.0.0 shows the pages to the whole network")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8765,
) -> None:
    """Serve boards, entries and comparisons as pages, with a JSON API beside them."""
    from harness.runtime import home
    from leaderboards.web import server

    _mend()
    _complain(f"http://{host}:{port}/  (Ctrl-C ends it)")
    server.serve(home(), host, port)


@app.command()
def calibrate(
    task: Annotated[str, typer.Argument(help="whose reference is run against itself")] = "cots",
    profile: ProfileName = "cpu",
    data: Variant = "",
    isolation: Isolation = None,
    seed: Seed = 0,
) -> None:
    """Learn what this machine can tell apart, and keep it."""
    from harness import calibration
    from harness.load import find_profile, find_task
    from harness.runtime import home
    from harness.sandbox import choose

    found = find_task(task)
    chosen = find_profile(found, profile)
    with _progress() as progress:
        reference = _entry(found, found.reference, "", progress)
        prepared = _prepare(found, data, None, seed, progress)
        processes = found.replicates.ranked
        learnt = calibration.calibrate(
            found, prepared, chosen, reference, choose(isolation), processes, seed, progress
        )
    calibration.write(home(), learnt)
    low, high = learnt.ratio_low, learnt.ratio_high
    print(f"reference against itself  {learnt.ratio:.4f} [{low:.4f}, {high:.4f}] over {processes} processes")
    print(f"margin                    {learnt.margin:.2%}: differences within it are not called differences")
    print(
        f"null model                {learnt.floor_us:.1f} us a query; one copy of it {learnt.copy_us:.1f} us"
    )
    print(f"memory                    {learnt.memory_gb_s:.1f} GB/s copied by one core")


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="a record's id, a shipped entry's name, or a path")],
    b: Annotated[str, typer.Argument(help="what it is compared with")],
    task: Annotated[str, typer.Option(help="whose queries to use for submissions")] = "cots",
    profile: ProfileName = "cpu",
    data: Variant = "",
    quick: Annotated[bool, typer.Option("--quick", help="fewer processes")] = False,
    isolation: Isolation = None,
    seed: Seed = 0,
) -> None:
    """Say whether A is faster than B. Exit code 0: not slower, 3: slower, 4: could not be measured."""
    from harness import calibration
    from harness import compare as comparing
    from harness.load import find_profile, find_task
    from harness.runtime import home
    from harness.sandbox import choose

    learnt = calibration.read(home(), profile)
    margin = learnt.margin if learnt else calibration.UNCALIBRATED_MARGIN
    records = [_record(name) for name in (a, b)]
    if records[0] and records[1]:
        result = comparing.compare_records(records[0], records[1], margin)
    else:
        found = find_task(task)
        count = found.replicates.quick if quick else found.replicates.ranked
        with _progress() as progress:
            pair = _entry(found, a, "", progress), _entry(found, b, "", progress)
            prepared = _prepare(found, data, None, seed, progress)
            result = comparing.compare_submissions(
                found,
                prepared,
                find_profile(found, profile),
                pair,
                choose(isolation),
                margin,
                count,
                seed,
                progress,
            )
    ratio = result.ratio
    around = f" [{ratio.low:.4f}, {ratio.high:.4f}]" if ratio.low and ratio.high else " (no interval)"
    told = "" if learnt else ", not calibrated"
    print(f"{a} takes {ratio.value:.4f}{around} of the time of {b}; margin {margin:.2%}{told}")
    print(f"verdict: {'could not be measured' if result.verdict == 'unknown' else result.verdict}")
    raise typer.Exit(result.exit_code)


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


@boards.command()
def rebuild() -> None:
    """Drop the index of all boards and fill it anew from MLflow alone."""
    from harness.runtime import home
    from leaderboards import index, publish

    engine = index.open_index(home())
    with _progress() as progress:
        found = publish.rebuild(home(), engine, progress)
    print(f"{found.records:,} records on {len(index.listings(engine)):,} boards")
    if found.left_out:
        _complain(
            f"{len(found.left_out):,} records are of tasks that MLflow says nothing of: "
            f"{', '.join(found.left_out[:5])}{' …' if len(found.left_out) > 5 else ''}"
        )


@boards.command()
def close(
    task: TaskName,
    profile: ProfileName = "cpu",
    data: Variant = "",
    scenario: ScenarioName = "",
    source: Source = None,
    again: Annotated[bool, typer.Option("--again", help="close anew what is closed already")] = False,
) -> None:
    """End a competition: score the private split, rank by it, and show what that shakes up."""
    from datetime import UTC, datetime

    from harness.load import find_profile, find_task
    from harness.record import Record
    from harness.rescoring import rescore
    from harness.runtime import home
    from leaderboards import closing, publish
    from leaderboards.replicates import Replicates

    found = find_task(task)
    find_profile(found, profile)
    public = _board(found, profile, _variant(found, data), scenario, limit=None)
    known = publish.read_final(home(), public.key)
    if known and not again:
        raise UserError(f"this board was closed on {known.closed[:10]}; see 'board {task} --final'")
    if public.key.version != found.version:
        raise UserError(f"this board is of version {public.key.version}, the task of {found.version}")
    folders = _record_folders()
    held = [row.record for row in public.rows if row.rank is not None and row.record in folders]
    records = {name: Record.from_json((folders[name] / "record.json").read_bytes()) for name in held}
    scored: dict[str, closing.Scored] = {}
    with _progress() as progress:
        if held:
            asked = _same_data(found, next(iter(records.values())), source, progress)
        for number, name in enumerate(held):
            progress("the private split", number, len(held))
            scores = rescore(found, asked, folders[name], "private")
            if scores is not None:
                draws = scores.replicates.get(public.spec.metric.name)
                kept = None if draws is None else Replicates(draws, len(set(scores.clusters)))
                scored[name] = closing.Scored(scores.metrics, kept)
        final = closing.close(public, records, scored, datetime.now(UTC).isoformat(timespec="seconds"))
        publish.publish_final(home(), final)
    _show_board(final.private)
    _show_shifts(final.public, final.private, ("public", "private"))


@boards.command()
def rescore(
    task: TaskName,
    source: Source = None,
) -> None:
    """Score kept answers by the task as it is now; its older records stay, new rows are made beside them."""
    from harness.load import find_task
    from harness.record import Record
    from harness.rescoring import renew
    from harness.runtime import home
    from leaderboards.board import row_key
    from leaderboards.spec import BoardKey

    found = find_task(task)
    folders = _record_folders()
    every = {name: Record.from_json((path / "record.json").read_bytes()) for name, path in folders.items()}
    mine = [one for one in every.values() if one.task == found.name and one.status == "ok"]
    old = [one for one in mine if one.task_version < found.version]
    if not old:
        raise UserError(
            f"no record of an older version of {found.name} is here; "
            "raise its 'version' when a metric changes"
        )
    newest = max(one.task_version for one in old)
    old = [one for one in old if one.task_version == newest]
    asked: dict[str, Sequence[Query]] = {}
    pairs: dict[BoardKey, BoardKey] = {}
    rows: dict[str, str] = {}
    without: list[str] = []
    with _progress() as progress:
        for number, record in enumerate(old):
            progress("scoring anew", number, len(old))
            sha256 = record.data.sha256
            asked[sha256] = asked.get(sha256) or _same_data(found, record, source, progress)
            folder = renew(found, asked[sha256], folders[record.id], home() / "records")
            if folder is None:
                without.append(record.id)
                continue
            renewed = Record.from_json((folder / "record.json").read_bytes())
            _publish(folder, found, progress)
            pairs[BoardKey.of(record)] = BoardKey.of(renewed)
            rows |= {one.id: row_key(one) for one in (record, renewed)}
    for before, after in pairs.items():
        _show_shifts(
            _whole(before),
            _whole(after),
            (f"v{before.version}", f"v{after.version}"),
            lambda id_: rows.get(id_, id_),
        )
    if without:
        _complain(
            f"no answers to every public unit were kept by {len(without)} records: {', '.join(without[:5])}"
        )


def _same_data(task: Task, record: Record, source: Path | None, progress: Progress) -> Sequence[Query]:
    """The queries that a record was asked. Raises UserError where the data here are others."""
    prepared = _prepare(task, record.data.variant, source, record.seed, progress)
    if prepared.sha256 != record.data.sha256:
        raise UserError(
            f"the {prepared.name} {prepared.variant} data here are {prepared.sha256[:8]}, those of record "
            f"{record.id} were {record.data.sha256[:8]}; give the folder they came from with --from"
        )
    return task.queries(prepared)


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


def _entry(task: Task, name: str, team: str, progress: Progress) -> Submission:
    """Find a submission; a shipped one first gets the published files it needs, checked by SHA-256."""
    from datasets.packages import fetch_needs
    from harness.load import find_submission, shipped_names
    from harness.runtime import ROOT, home
    from leaderboards.board import SHIPPED
    from leaderboards.text import plain

    if team and plain(team).casefold() == SHIPPED:
        raise UserError(f"the team '{SHIPPED}' is that of the shipped entries; choose another name")
    if name not in shipped_names(task):
        return find_submission(task, name, team)
    fetch_needs(ROOT / "submissions" / task.name / name, home() / "packages", progress)
    return find_submission(task, name, team or SHIPPED)


def _record_folders() -> dict[str, Path]:
    from harness.runtime import home

    return {path.parent.name: path.parent for path in (home() / "records").glob("[!.]*/record.json")}


def _record(prefix: str) -> Record | None:
    """The record whose id begins so, or None. Raises UserError where there are several."""
    from harness.record import Record

    fitting = [folder for name, folder in _record_folders().items() if name.startswith(prefix)]
    if len(fitting) > 1:
        raise UserError(f"{len(fitting)} records begin with '{prefix}'; give more digits")
    return Record.from_json((fitting[0] / "record.json").read_text()) if fitting else None


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
    from harness.runtime import home
    from leaderboards.publish import mend
    from leaderboards.spec import BoardSpec

    def spec_of(record: Record) -> BoardSpec | None:
        if record.task not in task_names():
            return None
        found = find_task(record.task)
        return BoardSpec.of(found) if found.version == record.task_version else None

    mend(home(), spec_of)


def _scenario(task: Task, name: str) -> Scenario:
    from typing import get_args

    from harness.spec import Scenario

    if name and name not in get_args(Scenario):
        raise UnknownName("scenario", name, get_args(Scenario))
    return cast("Scenario", name or task.scenario)


def _board(
    task: Task, profile: str, variant: str, scenario: str = "", sha256: str = "", limit: int | None = 50
) -> Board:
    """The newest board of a task, profile and data variant, of the task's own version if there is one.

    Raises UserError where there is none.
    """
    from harness.runtime import home
    from leaderboards import index

    _mend()
    engine = index.open_index(home())
    listings = index.listings(engine, task.name, profile, variant)
    for listing in sorted(listings, key=lambda listing: listing.key.version != task.version):
        if sha256 in {"", listing.key.sha256} and listing.key.scenario == _scenario(task, scenario):
            found = index.page(engine, listing.key, limit=limit)
            if found:
                return found
    raise UserError(f"no records of {task.name} on {profile} and {variant} data yet; make one with 'run'")


def _whole(key: BoardKey) -> Board:
    from harness.runtime import home
    from leaderboards import index

    found = index.page(index.open_index(home()), key, limit=None)
    if found is None:
        raise UserError(
            f"there is no board of {key.task} version {key.version}; 'boards rebuild' makes it anew"
        )
    return found


def _closed(key: BoardKey) -> Final:
    from harness.runtime import home
    from leaderboards.publish import read_final

    found = read_final(home(), key)
    if found is None:
        raise UserError(f"this board is open; 'boards close {key.task}' scores the private split")
    return found


def _show_shifts(
    before: Board, after: Board, heads: tuple[str, str], same: Callable[[str], str] = str
) -> None:
    from rich.console import Console

    from leaderboards.shifts import shifts, shifts_view

    Console().print(shifts_view(before, after, shifts(before, after, same), heads))


def _show_table(task: Task, variant: str, scenario: str, as_markdown: bool) -> None:
    """Print all boards of one variant of a task side by side, those of the newest data."""
    from rich.console import Console

    from harness.runtime import home
    from leaderboards import crossing, export, index

    _mend()
    engine = index.open_index(home())
    wanted = _scenario(task, scenario)
    keys = [one.key for one in index.listings(engine, task.name, None, variant) if one.key.scenario == wanted]
    found = crossing.crossing(engine, keys[0]) if keys else None
    if found is None:
        raise UserError(f"no records of {task.name} on {variant} data yet; make one with 'run'")
    if as_markdown:
        print(export.crossing_to_markdown(found), end="")
    else:
        Console().print(crossing.to_table(found))


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

    from leaderboards.text import plain

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        shown: dict[str, object] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in shown:
                shown[what] = bars.add_task(plain(what, 80), total=total or None)
            bars.update(shown[what], completed=done, total=total or None)  # type: ignore[arg-type]

        try:
            yield report
        except KeyboardInterrupt:
            _complain("photofinish: interrupted; nothing half-written was kept")
            raise


def main() -> None:
    """Run the command; tell people what went wrong in a line, and whose fault it was by exit code."""
    command: Callable[[], None] = app
    try:
        command()
    except PhotofinishError as error:
        _complain(f"photofinish: {error}")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
