"""One task in the terminal: what is asked, how it is scored, and what a submission may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.spec import PROFILES
from leaderboards.boards.spec import BoardSpec
from leaderboards.views.task_facts import Facts, limit_facts, meaning, run_facts

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harness.spec import Task
    from leaderboards.boards.columns import Column


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
        ("how it is run", _facts(run_facts(task))),
        ("limits of a submission", _facts(limit_facts(task))),
        ("data", _facts(iter(task.dataset.variants.items()))),
        ("profiles", _facts((name, PROFILES[name].title) for name in task.execution.profiles)),
        ("entries", _facts(_entries(task, entries))),
    ):
        parts += [Text(), Text(title, style="bold"), table]
    parts += [Text(), Text(f"Try your own: run_bench.py run {name} PATH --quick", style="dim")]
    return Padding(Group(*parts), (1, 1, 0, 1), expand=False)


def _facts(lines: Facts) -> RenderableType:
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
        table.add_row(Text(column.title), Text(f"{arrow} {column.unit}"), Text(meaning(spec, column)))
    return table


def _entries(task: Task, entries: Sequence[str]) -> Facts:
    yield "shipped", ", ".join(entries) or "none"
    for ending, title in task.reporting.board.runtimes.items():
        if ending:
            yield f"*{ending}", f"the same model on {title}"
