"""The rows of a board and how they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from leaderboards.boards.columns import Column
from leaderboards.ranking import Parity

Role = Literal["", "reference", "baseline"]


@dataclass(frozen=True)
class Cell:
    """One number and, where there is one, its 95 % interval."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def shown(self, column: Column) -> str:
        """Format the value with its interval for people: ``0.712 [0.690, 0.731]``."""
        if self.value is None or self.low is None or self.high is None:
            return column.shown(self.value)
        return f"{column.shown(self.value)} [{column.shown(self.low)}, {column.shown(self.high)}]"


@dataclass(frozen=True)
class RowEntry:
    """The entry behind a row: its name, its team, and its role where it is shipped with the task.

    ``name`` is short enough for a table; ``whole_name`` is for programs, and empty where it is no longer.
    """

    name: str
    team: str = ""
    role: Role = ""
    whole_name: str = ""

    @property
    def byline(self) -> str:
        """The role, or else the team; empty where there is neither."""
        return self.role or self.team


@dataclass(frozen=True)
class RowState:
    """The status of the run, the validity of its record, and why it has no rank or a provisional one."""

    status: str
    validity: str
    reason: str = ""

    @property
    def label(self) -> str:
        """The status where the run failed, else the validity."""
        return self.status if self.status != "ok" else self.validity


@dataclass(frozen=True)
class RowIsolation:
    """The sandbox backend of the run, and whether it kept the submission from the labels."""

    backend: str
    safe: bool


@dataclass(frozen=True)
class Place:
    """Where a row stands: its rank, the Pareto front, and whether it is as good as those that lead it."""

    rank: int | None = None
    pareto: bool = False
    parity: Parity | None = None


@dataclass(frozen=True)
class Row:
    """One row of a board. ``rank`` is None where the record has none; ``state.reason`` says why."""

    record: str
    entry: RowEntry
    cells: Mapping[str, Cell]
    state: RowState
    isolation: RowIsolation
    started: str
    place: Place = Place()

    @property
    def rank(self) -> int | None:
        """One plus the number of entries in better tiers; None where the record has no rank."""
        return self.place.rank

    @property
    def pareto(self) -> bool:
        """Whether no other row is as good in score, time and memory and better in one."""
        return self.place.pareto

    @property
    def provisional(self) -> bool:
        """Whether the rank is shown with a mark and changes no valid one."""
        return self.state.validity == "provisional"

    @property
    def rank_label(self) -> str:
        """The rank as shown: ``2``, ``~2`` where provisional, ``–`` where there is none."""
        if self.rank is None:
            return "–"
        return f"~{self.rank}" if self.provisional else str(self.rank)

    def cell(self, column: str) -> Cell:
        """Return the number of one column, empty where the record has none."""
        return self.cells.get(column, Cell(None))


def row_to_json(row: Row) -> str:
    """Write everything of a row but its place, which changes as other records come."""
    stored = {
        "record": row.record,
        "entry": row.entry.name,
        "whole": row.entry.whole_name,
        "team": row.entry.team,
        "role": row.entry.role,
        "isolation": row.isolation.backend,
        "safe": row.isolation.safe,
        "status": row.state.status,
        "validity": row.state.validity,
        "why": row.state.reason,
        "started": row.started,
        "cells": {name: [cell.value, cell.low, cell.high] for name, cell in row.cells.items()},
    }
    return json.dumps(stored, separators=(",", ":"))


@lru_cache(maxsize=4096)
def row_from_json(text: str, place: Place = Place()) -> Row:
    """Read back what ``row_to_json`` wrote. The rows of frequently read pages are made once."""
    stored = json.loads(text)
    return Row(
        record=stored["record"],
        entry=RowEntry(stored["entry"], stored["team"], stored["role"], stored.get("whole", "")),
        cells={name: Cell(*numbers) for name, numbers in stored["cells"].items()},
        state=RowState(stored["status"], stored["validity"], stored["why"]),
        isolation=RowIsolation(stored["isolation"], stored["safe"]),
        started=stored["started"],
        place=place,
    )
