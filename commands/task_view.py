"""One task in the terminal: what is asked, how it is scored, and what a submission may use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from inspect import getdoc
from typing import TYPE_CHECKING

from harness.spec import PROFILES
from leaderboards.boards.spec import BoardSpec

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harness.spec import Task
    from leaderboards.boards.columns import Column

Lines = Iterator[tuple[str, str]]


def task_view(task: Task, name: str, entries: Sequence[str]) -> RenderableType:
    """Lay out what a contestant needs to know of a task.

    ``name`` is what the user typed for it, ``entries`` are the names of the shipped entries.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    spec = BoardSpec.of(task)
    own = len(task.metrics)
    parts: list[RenderableType] = [
        Text(task.title, style="bold"),
        Text(f"{task.name} v{task.version}", style="dim"),
        Text(),
        Text(task.description),
    ]
    for title, table in (
        ("metrics (↑ more is better, ↓ less is better)", _metrics(spec, spec.columns[:own])),
        ("measured of every submission", _metrics(spec, spec.columns[own:])),
        ("how it is run", _facts(_run(task))),
        ("limits of a submission", _facts(_limits(task))),
        ("data", _facts(iter(task.dataset.variants.items()))),
        ("profiles", _facts((name, PROFILES[name].title) for name in task.execution.profiles)),
        ("entries", _facts(_entries(task, entries))),
    ):
        parts += [Text(), Text(title, style="bold"), table]
    parts += [Text(), Text(f"Try your own: run_bench.py run {name} PATH --quick", style="dim")]
    return Padding(Group(*parts), (1, 1, 0, 1), expand=False)


def _facts(lines: Lines) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in lines:
        table.add_row(Text(name), Text(text))
    return table


def _metrics(spec: BoardSpec, columns: Sequence[Column]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for column in columns:
        arrow = "↑" if column.goal == "max" else "↓"
        table.add_row(Text(column.title), Text(f"{arrow} {column.unit}"), Text(_meaning(spec, column)))
    return table


def _meaning(spec: BoardSpec, column: Column) -> str:
    if column != spec.metric:
        return column.description
    most = "at least" if column.goal == "max" else "at most"
    gate = f" and must be {most} {spec.gate:g}" if spec.gate is not None else ""
    return f"ranks the board{gate}: {column.description}".removesuffix(": ")


def _run(task: Task) -> Lines:
    execution, interaction = task.execution, task.interaction
    first_line = (getdoc(type(interaction)) or "").partition("\n")[0]
    yield "interaction", first_line.replace("`", "")
    if interaction.ordered:
        yield "order", "The queries of a cluster come in order, so a model may keep state."
    counts = execution.processes
    quick = f" ({counts.quick} with --quick)" if counts.quick != counts.ranked else ""
    shared = "The queries are divided among them." if interaction.shared else "Each answers every query."
    if counts.ranked == 1:
        yield "processes", "1 fresh process"
    else:
        yield "processes", f"{counts.ranked} fresh processes{quick}. {shared}"
    yield "scenario", execution.scenario.replace("_", " ")
    yield "reference", f"{execution.reference}: every submission is timed in turns with it."
    for name, value in execution.params.items():
        yield f"params.{name}", json.dumps(value, ensure_ascii=False)


def _limits(task: Task) -> Lines:
    limits = task.execution.limits
    yield "time", f"build {limits.build_s:,g} s, query {limits.query_s:,g} s, whole run {limits.run_s:,g} s"
    yield "memory", f"{limits.memory_mb:,} MB; {limits.processes} processes"
    yield "disk", f"{limits.disk_mb:,} MB; submitted files {limits.submission_mb:,} MB"
    yield "arrays", f"query {limits.query_mb:,} MB, answer {limits.answer_mb:,} MB"


def _entries(task: Task, entries: Sequence[str]) -> Lines:
    yield "shipped", ", ".join(entries) or "none"
    for ending, title in task.reporting.runtimes.items():
        if ending:
            yield f"*{ending}", f"the same model on {title}"
