"""Two boards of the same entries side by side: who moved, and how far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leaderboards.boards.board import Board, Row
from leaderboards.boards.names import plain


@dataclass(frozen=True)
class RankChange:
    """An entry on the board after, and where it stood before (None: it was not there)."""

    before: Row | None
    after: Row

    @property
    def up(self) -> int | None:
        """By how many ranks it rose; None where it had none before or has none now."""
        if self.before is None or self.before.rank is None or self.after.rank is None:
            return None
        return self.before.rank - self.after.rank

    @property
    def told(self) -> str:
        """The move for people: ``▲ 3``, ``▼ 1``, ``=``; empty where there is none to tell."""
        if self.up is None:
            return ""
        return f"{'▲' if self.up > 0 else '▼'} {abs(self.up)}" if self.up else "="


def rank_changes(before: Board, after: Board, same: Callable[[str], str] = str) -> tuple[RankChange, ...]:
    """What became of each row; ``same`` names whose row a record is, equally on both boards."""
    stood = {same(row.record): row for row in before.rows}
    return tuple(RankChange(stood.get(same(row.record)), row) for row in after.rows)


def shake_up(moves: Sequence[RankChange]) -> float:
    """How many ranks the entries moved on average, as a share of how many there are."""
    moved = [abs(shift.up) for shift in moves if shift.up is not None]
    return sum(moved) / len(moved) ** 2 if moved else 0.0


def rank_changes_view(
    before: Board, after: Board, moves: Sequence[RankChange], heads: tuple[str, str]
) -> RenderableType:
    """The moves as a table for the terminal; ``heads`` names the two boards."""
    column = after.spec.metric
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold cyan", pad_edge=False)
    for head in ("#", "was", "", "entry", *(f"{column.title} {head}" for head in reversed(heads))):
        table.add_column(Text(head), justify="left" if head == "entry" else "right", no_wrap=True)
    for shift in moves:
        table.add_row(*_cells(shift, before, after))
    key = after.key
    place = Text(
        plain(f"{key.data} {key.variant} · {key.profile} · {heads[0]} to {heads[1]}", 120), style="dim"
    )
    share = f"Shake-up {shake_up(moves):.1%}: the mean move in ranks, as a share of the entries."
    return Padding(Group(place, table, Text(), Text(share, style="dim")), (1, 0, 1, 1), expand=False)


def _cells(shift: RankChange, before: Board, after: Board) -> Iterator[Text]:
    row, was = shift.after, shift.before
    now, then = after.spec.metric, before.spec.metric
    yield Text(row.place)
    yield Text(was.place if was else "new", style="dim")
    yield Text(shift.told, style="green" if (shift.up or 0) > 0 else "red" if shift.up else "dim")
    yield Text(" · ".join(part for part in (row.entry, row.role or row.team) if part))
    yield Text(row.cell(now.name).shown(now))
    yield Text(was.cell(then.name).shown(then) if was else "–", style="dim")
