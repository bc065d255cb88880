"""The Pareto front of a board in the index, updated after each new record."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from harness.spec import Goal
from leaderboards.ranking import pareto_front
from leaderboards.store.rows import contender, write
from leaderboards.store.tables import STANDINGS

_ASKED = 16
"""How many rows of the front the database is asked about; they dominate all but a few of the others."""

_AXES = ("sort_key", "ratio", "memory_mb")
"""The columns of the three quantities; less is better in each."""


@dataclass(frozen=True)
class Front:
    """The front of one board; ``rows`` is a condition on the rows that may be on it."""

    board: str
    rows: sa.ColumnElement[bool]
    goal: Goal

    def redraw(self, connection: sa.Connection) -> None:
        """Draw the front from all rows that count."""
        rows = connection.execute(sa.select(STANDINGS).where(self.rows)).all()
        _mark(connection, [*self._marked(connection), *rows], self._of(rows))

    def extend(self, connection: sa.Connection, before: sa.Row[Any] | None, after: sa.Row[Any]) -> None:
        """Draw the front from the present one after one row changed; ``before`` is None for a new row.

        Where the row was on the front, rows that only it dominated may be on the front now.
        """
        rows = [*self._marked(connection), after]
        on_front = self._of(rows)
        if before is not None and before.pareto:
            widest = _widest_first([row for row in rows if row.record in on_front])[:_ASKED]
            not_dominated = [sa.not_(_dominated_by(row)) for row in widest]
            freed = sa.select(STANDINGS).where(self.rows, _dominated_by(before), *not_dominated)
            rows += connection.execute(freed)
            on_front = self._of(rows)
        _mark(connection, rows, on_front)

    def _marked(self, connection: sa.Connection) -> Iterable[sa.Row[Any]]:
        marked = sa.select(STANDINGS).where(STANDINGS.c.board == self.board, STANDINGS.c.pareto == 1)
        return connection.execute(marked)

    def _of(self, rows: Iterable[sa.Row[Any]]) -> frozenset[str]:
        return pareto_front((contender(row) for row in rows), self.goal)


def _widest_first(rows: list[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """Sort rows of the front by their worst position on any axis.

    Rows with no bad position dominate the most others, so few of them decide most comparisons.
    """
    order = {name: sorted(getattr(row, name) for row in rows) for name in _AXES}
    return sorted(rows, key=lambda row: max(bisect_left(order[name], getattr(row, name)) for name in _AXES))


def _dominated_by(row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    """Better than ``row`` on no axis and worse on at least one."""
    axes = [(STANDINGS.c[name], getattr(row, name)) for name in _AXES]
    no_better = (column >= value for column, value in axes)
    return sa.and_(*no_better, sa.or_(*(column > value for column, value in axes)))


def _mark(connection: sa.Connection, rows: Iterable[sa.Row[Any]], on_front: frozenset[str]) -> None:
    """Mark those of ``rows`` that are on the front, unmark the others."""
    changed = {row.record: row for row in rows if (row.record in on_front) != bool(row.pareto)}
    write(connection, "pareto", [(row, int(record in on_front)) for record, row in changed.items()])
