"""One table across the boards of a task: models as rows, profiles and runtimes as columns.

``Task.runtimes`` maps endings of entry names to runtimes: ``cnn_wasm`` is the model ``cnn`` on the runtime
``WASM``. A name without such an ending is a model of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leaderboards.boards.board import Board
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardKey, BoardSpec

_SPEED = "throughput_qps"


class Setting(NamedTuple):
    """What a model ran on: a profile with its hardware, and a runtime where the entry's name says so."""

    profile: str
    runtime: str


@dataclass(frozen=True)
class ProfileTable:
    """Rows of several boards by model and setting. ``key`` is that of one of the boards."""

    spec: BoardSpec
    key: BoardKey
    models: tuple[str, ...]
    settings: tuple[Setting, ...]
    rows: Mapping[tuple[str, Setting], Row]

    def speed_and_score(self, model: str, setting: Setting) -> tuple[str, str]:
        """Format the throughput and the ranking metric of one row; both are empty where there is none."""
        row = self.rows.get((model, setting))
        if row is None:
            return "", ""
        speed = next(column for column in self.spec.columns if column.name == _SPEED)
        score = self.spec.metric
        return speed.shown(row.cell(_SPEED).value), score.shown(row.cell(score.name).value)


def profile_table(boards: Sequence[Board], key: BoardKey) -> ProfileTable:
    """Build the table from at least one board; the boards differ in nothing but the profile."""
    spec = boards[0].spec
    rows: dict[tuple[str, Setting], Row] = {}
    for board in boards:
        for row in board.rows:
            if row.rank is not None:
                model, runtime = _split(row.entry.name, spec.runtimes)
                rows[model, Setting(f"{board.key.profile}{board.suffix}", runtime)] = row
    models = sorted({model for model, _ in rows})
    settings = sorted({setting for _, setting in rows})
    return ProfileTable(spec, key, tuple(models), tuple(settings), rows)


def _split(entry: str, runtimes: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Split the name of an entry into the model and the title of its runtime."""
    for ending, title in runtimes:
        if ending and entry.endswith(ending):
            return entry.removesuffix(ending), title
    return entry, ""
