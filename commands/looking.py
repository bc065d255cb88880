"""Commands that show something: tasks, board, show, data, doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.boards import board_of, closed_board, show_table
from commands.fans import Machines, fan_at
from commands.home import check_home, home, places
from commands.lookup import folder_of, prepare, record_folders, record_of, sealed_name, variant_of
from commands.options import ProfileName, ScenarioName, Sealed, Seed, Source, TaskName, Variant
from commands.terminal import progress_bars
from harness.spec.errors import UnknownName, UserError

if TYPE_CHECKING:
    from harness.record import Record


def tasks(
    task: Annotated[str, typer.Argument(help="print this task whole: what is asked, metrics, limits")] = "",
) -> None:
    """List the tasks, or print one task whole.

    Example: photofinish tasks cots
    """
    from rich.table import Table

    from harness.intake.lookup import find_task, shipped_names, task_names
    from leaderboards.views.console import console

    if task:
        from commands.task_view import task_view

        chosen = find_task(task)
        console().print(task_view(chosen, task, shipped_names(chosen)))
        return
    table = Table(box=None, header_style="bold")
    table.add_column("task", no_wrap=True)
    for head in ("title", "data"):
        table.add_column(head, overflow="fold")
    table.add_column("entries", justify="right")
    for name in task_names():
        chosen = find_task(name)
        table.add_row(name, chosen.title, ", ".join(chosen.dataset.variants), str(len(shipped_names(chosen))))
    console().print(table)
    console().print(
        "\n'tasks TASK' prints what one task asks, its metrics, limits, data and entries.", style="dim"
    )


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
    rows: Annotated[int, typer.Option(min=0, help="rows to show in the terminal (0: all)")] = 50,
    final: Annotated[
        bool, typer.Option("--final", help="show the closed board, ranked by the private split")
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="show speed and score of models by profile and runtime")
    ] = False,
) -> None:  # one parameter for each option of the command
    """Show a task's leaderboard.

    Example: photofinish board cots --profile edge
    """
    from dataclasses import replace

    from harness.intake.lookup import find_profile, find_task
    from leaderboards.views import export
    from leaderboards.views.terminal import show_board

    chosen = find_task(task)
    find_profile(chosen, profile.partition("@")[0])
    forms = {"--json": as_json, "--csv": as_csv, "--markdown": as_markdown}
    given = [name for name, wanted in forms.items() if wanted]
    if len(given) > 1 or (table and (as_json or as_csv or final)):
        both = [*given, *(["--table"] if table else []), *(["--final"] if table and final else [])]
        raise UserError(f"{' and '.join(both)} cannot be combined; choose one of them")
    if table:
        show_table(chosen, variant_of(chosen, data), scenario, as_markdown)
        return
    form: Literal["", "json", "csv", "markdown"] = (
        "json" if as_json else "csv" if as_csv else "markdown" if as_markdown else ""
    )
    shown = board_of(
        chosen, profile, variant_of(chosen, data), scenario, limit=None if form else rows or None
    )
    if final:
        shown = closed_board(shown.key).private
        shown = shown if form or not rows else replace(shown, rows=shown.rows[:rows])
    if not form:
        show_board(shown)
        return
    write = {"json": export.to_json, "csv": export.to_csv, "markdown": export.to_markdown}[form]
    print(write(shown), end="")


def show(
    record: Annotated[
        str, typer.Argument(help="first digits of a record's id, name of an entry on a board, or latest")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="print the record as JSON")] = False,
    plots: Annotated[bool, typer.Option("--plots", help="print the paths of its plots")] = False,
    worst: Annotated[int, typer.Option(min=0, metavar="N", help="print the N public units it got worst")] = 0,
    beside: Annotated[
        str, typer.Option(metavar="RECORD", help="with --worst: another record on the same units")
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="STATISTIC", help="with --worst: sort by this instead of the value")
    ] = "",
    task: Annotated[
        str, typer.Option(metavar="FILE", help="with --worst: the task's file, if not shipped")
    ] = "",
) -> None:
    """Show a whole record, or what it got wrong.

    Example: photofinish show latest --worst 12 --beside cnn
    """
    from leaderboards.views.record import show_record

    chosen = _known_record(record)
    if worst:
        from commands.worst import WorstUnits, show_worst
        from harness.intake.lookup import find_task, task_names

        if not task and chosen.task not in task_names():
            raise UserError(f"record {chosen.id} is of task '{chosen.task}'; name its file with --task FILE")
        asked = WorstUnits(worst, by, _known_record(beside) if beside else None)
        show_worst(find_task(task or chosen.task), chosen, asked)
        return
    if as_json:
        print(chosen.to_json())
        return
    show_record(chosen)
    if plots:
        for picture in sorted((folder_of(chosen.id) / "plots").glob("*.png")):
            print(picture)


def _known_record(name: str) -> Record:
    """Find a record. Raises UnknownName where there is none."""
    record = record_of(name)
    if record is None:
        raise UnknownName("record", name, record_folders())
    return record


def data(
    task: TaskName,
    variant: Variant = "",
    source: Source = None,
    seed: Seed = 0,
    sealed: Sealed = False,
    key: Annotated[
        str, typer.Option(metavar="HEX", help="make sealed data again from a key that was opened")
    ] = "",
    open_key: Annotated[
        bool, typer.Option("--open-key", help="print the key of the sealed data, after the close")
    ] = False,
    ray: Machines = "",
) -> None:
    """Prepare a task's dataset and print its folder.

    Example: photofinish data cots
    """
    from harness.intake.lookup import find_task
    from harness.intake.sealing import known_key, sealed_key, typed_key
    from harness.spec.dataset import key_hash

    check_home()
    chosen = find_task(task)
    where, name = places().data, sealed_name(chosen, variant)
    if open_key:
        known = known_key(where, name)
        if known is None:
            raise UserError(f"no key of sealed data for '{chosen.name}' was drawn in this home")
        print(f"key {known:032x}\nkey sha256 {key_hash(known)}")
        return
    if key or sealed:
        seed = typed_key(key) if key else sealed_key(where, name)
    with fan_at(ray) as fan, progress_bars() as progress:
        prepared = prepare(chosen, variant, source, seed, progress, fan)
    if key or sealed:
        print(f"key sha256 {key_hash(seed)}")
    print(f"{prepared.name} {prepared.variant}  sha256 {prepared.sha256}")
    print(f"public   {prepared.public}")
    print(f"queries  {len(chosen.queries(prepared))}")


def doctor() -> None:
    """List the isolation, environments, runtimes and devices of this machine, and what to install.

    Example: photofinish doctor
    """
    from rich.table import Table

    from harness.doctor import checks
    from leaderboards.views.console import console

    table = Table("", "part", "what is here", box=None, header_style="bold")
    for check in checks(home()):
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]–[/]"}[check.good]
        table.add_row(mark, check.part, check.state)
    console().print(table)
