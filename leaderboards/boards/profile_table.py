"""One table across the boards of a task: models down, profiles and runtimes across.

A task says by its ``runtimes`` which ending of an entry's name stands for which runtime; what is left of
the name is the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from rich.console import Group
from rich.table import Table
from rich.text import Text

from leaderboards.boards.board import Row
from leaderboards.boards.names import plain
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index

_SPEED = "throughput_qps"


@dataclass(frozen=True)
class ProfileTable:
    """``cells`` hold a row of a board by model and place; a place is a profile and a runtime."""

    spec: BoardSpec
    key: BoardKey
    models: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[str, tuple[str, str]], Row]

    def shown(self, model: str, place: tuple[str, str]) -> tuple[str, str]:
        """Speed and score of one cell for people; empty where there is no record."""
        row = self.cells.get((model, place))
        if row is None:
            return "", ""
        speed = next(column for column in self.spec.columns if column.name == _SPEED)
        score = self.spec.metric
        return speed.shown(row.cell(_SPEED).value), score.shown(row.cell(score.name).value)


def profile_table(engine: sa.Engine, key: BoardKey) -> ProfileTable | None:
    """All boards that differ from ``key`` in nothing but the profile; None where there is none."""
    alike = [
        one.key
        for one in index.listings(engine, key.task, None, key.variant)
        if replace(one.key, profile=key.profile) == key
    ]
    boards = [found for one in alike if (found := index.page(engine, one, limit=None))]
    if not boards:
        return None
    spec = boards[0].spec
    cells = {}
    for board in boards:
        for row in board.rows:
            if row.rank is not None:
                model, runtime = _parted(row.entry, spec.runtimes)
                cells[model, (board.key.profile, runtime)] = row
    return ProfileTable(
        spec, key, _in_order(model for model, _ in cells), _in_order(place for _, place in cells), cells
    )


def to_table(found: ProfileTable) -> Group:
    """The table for a terminal, under a line that says what its cells hold."""
    spec, key = found.spec, found.key
    title = f"{spec.title}: per second, {spec.metric.title} · {key.data} {key.variant}"
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold cyan")
    table.add_column("model", no_wrap=True)
    for place in found.places:
        table.add_column("\n".join(place), justify="right")
    for model in found.models:
        cells = [Text(" ".join(filter(None, found.shown(model, place)))) for place in found.places]
        table.add_row(Text(plain(model)), *cells)
    return Group(Text(plain(title, 120), style="bold"), Text(), table)


def _parted(entry: str, runtimes: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """An entry's name as model and runtime."""
    for ending, title in runtimes:
        if ending and entry.endswith(ending):
            return entry.removesuffix(ending), title
    return entry, ""


def _in_order(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(set(found)))
