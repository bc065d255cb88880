"""Two boards of the same entries side by side: which entries moved, and how far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leaderboards.boards.board import Board
from leaderboards.boards.rows import Row


@dataclass(frozen=True)
class RankChange:
    """A row of the later board with its row on the earlier one; ``before`` is None for a new row."""

    before: Row | None
    after: Row

    @property
    def up(self) -> int | None:
        """By how many ranks it rose; None where either row has no rank."""
        if self.before is None or self.before.rank is None or self.after.rank is None:
            return None
        return self.before.rank - self.after.rank

    @property
    def arrow(self) -> str:
        """The change for people: ``↑ 3``, ``↓ 1``, ``=``; empty where either row has no rank."""
        if self.up is None:
            return ""
        return f"{'↑' if self.up > 0 else '↓'} {abs(self.up)}" if self.up else "="


def rank_changes(before: Board, after: Board, row_name: Callable[[str], str] = str) -> tuple[RankChange, ...]:
    """Pair the rows of two boards; ``row_name`` maps a record's id to a name that both boards share."""
    earlier = {row_name(row.record): row for row in before.rows}
    return tuple(RankChange(earlier.get(row_name(row.record)), row) for row in after.rows)


def shake_up(changes: Sequence[RankChange]) -> float:
    """The mean change in rank, as a share of the number of entries that have a rank on both boards."""
    moved = [abs(change.up) for change in changes if change.up is not None]
    return sum(moved) / len(moved) ** 2 if moved else 0.0
