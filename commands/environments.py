"""The command that lists the stock environments and makes them: environments."""

from __future__ import annotations

from typing import Annotated

import typer

from commands import completions
from commands.terminal import progress_bars


def environments(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="stock environments to make now; without names they are listed",
            autocompletion=completions.environments,
        ),
    ] = None,
) -> None:
    """List the stock environments that submissions run in, or make some before an entry wants them.

    Example: photofinish environments torch
    """
    from harness.environments import stock

    if not names:
        _list()
        return
    with progress_bars() as progress:
        for name in names:
            made = stock.made(name, progress)
            print(f"{name}: {made.size / 1e6:,.0f} MB, {made.python}")


def _list() -> None:
    from rich.table import Table

    from harness.environments import stock
    from leaderboards.views.console import console

    table = Table(box=None, header_style="bold")
    table.add_column("environment", no_wrap=True)
    table.add_column("what is in it", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("Python", overflow="fold")
    for name, value in stock.STOCK.items():
        made = stock.found(name)
        size = f"{made.size / 1e6:,.0f} MB" if made else f"~{value.about_mb:,} MB"
        table.add_row(name, value.holds, size, str(made.python) if made else "made on first use")
    console().print(table)
    if folder := stock.replaced():
        print(f"\n{stock.REPLACED} names {folder}, which submissions run in instead.")
