"""Two boards side by side in the terminal: which entries moved, and how far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leaderboards.boards.board import Board
from leaderboards.boards.names import plain
from leaderboards.boards.rank_changes import RankChange, shake_up


def rank_changes_view(
    before: Board, after: Board, changes: Sequence[RankChange], titles: tuple[str, str]
) -> RenderableType:
    """Lay out the changes for the terminal; ``titles`` name the earlier and the later board."""
    metric = after.spec.metric
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold cyan", pad_edge=False)
    for head in ("#", "was", "", "entry", *(f"{metric.title} {title}" for title in reversed(titles))):
        table.add_column(Text(head), justify="left" if head == "entry" else "right", no_wrap=True)
    for change in changes:
        table.add_row(*_cells(change, before, after))
    key = after.key
    where = f"{key.data} {key.variant} · {key.profile}{after.suffix} · {titles[0]} to {titles[1]}"
    share = f"Shake-up {shake_up(changes):.1%}: the mean change in rank, as a share of the ranked entries."
    parts = (Text(plain(where, 120), style="dim"), table, Text(), Text(share, style="dim"))
    return Padding(Group(*parts), (1, 0, 1, 1), expand=False)


def _cells(change: RankChange, before: Board, after: Board) -> Iterator[Text]:
    row, earlier = change.after, change.before
    metric, earlier_metric = after.spec.metric, before.spec.metric
    yield Text(row.rank_label)
    yield Text(earlier.rank_label if earlier else "new", style="dim")
    yield Text(change.arrow, style="green" if (change.up or 0) > 0 else "red" if change.up else "dim")
    yield Text(" · ".join(part for part in (row.entry.name, row.entry.byline) if part))
    yield Text(row.cell(metric.name).shown(metric))
    yield Text(earlier.cell(earlier_metric.name).shown(earlier_metric) if earlier else "–", style="dim")
