"""Models by profile and runtime in the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from leaderboards.boards.names import plain
from leaderboards.boards.profile_table import ProfileTable


def profile_table_view(table: ProfileTable) -> Group:
    """Lay out the table for the terminal, under a line that says what a cell holds."""
    spec, key = table.spec, table.key
    title = f"{spec.title}: queries per second, {spec.metric.title} · {key.data} {key.variant}"
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="bold cyan")
    grid.add_column("model", no_wrap=True)
    for setting in table.settings:
        grid.add_column("\n".join(setting), justify="right")
    for model in table.models:
        cells = [
            Text(" ".join(filter(None, table.speed_and_score(model, setting)))) for setting in table.settings
        ]
        grid.add_row(Text(plain(model)), *cells)
    return Group(Text(plain(title, 120), style="bold"), Text(), grid)
