"""Boards, records and comparisons as values. Each keeps the JSON that it was made from in ``data``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from finishtape.html import number, table

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """A number with its 95 % interval, where there is one. ``goal`` is ``max`` or ``min``."""

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    goal: str = ""

    def __str__(self) -> str:
        bounds = (
            "" if self.low is None or self.high is None else f" [{number(self.low)}, {number(self.high)}]"
        )
        return f"{number(self.value)}{bounds}{f' {self.unit}' if self.unit else ''}"


@dataclass(frozen=True)
class Record:
    """What one evaluation left behind."""

    data: Json

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits."""
        return str(self.data["id"])

    @property
    def entry(self) -> str:
        """The name of the submission."""
        return str(self.data["submission"]["name"])

    @property
    def status(self) -> str:
        """``ok``, ``invalid``, ``failed``, ``timeout`` or ``out_of_memory``."""
        return str(self.data["status"])

    @property
    def validity(self) -> str:
        """``valid``, ``provisional`` or ``invalid``."""
        return str(self.data["validity"]["state"])

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the record is not valid."""
        reasons = tuple(self.data["validity"]["reasons"])
        return reasons or ((self.data["message"],) if self.data["message"] else ())

    @cached_property
    def metrics(self) -> Mapping[str, Measure]:
        """Every number by name, the one that ranks first."""
        return {
            name: Measure(one["value"], one.get("low"), one.get("high"), one["unit"], one["goal"])
            for name, one in self.data["metrics"].items()
        }

    def __repr__(self) -> str:
        return f"<Record {self.id} of {self.entry} on {self.data['task']}: {self.status}, {self.validity}>"

    def _repr_html_(self) -> str:
        rows = [(name, str(measure)) for name, measure in self.metrics.items()]
        title = (
            f"{self.entry} on {self.data['task']} ({self.data['profile']}): {self.status}, {self.validity}"
        )
        return table(title, ("measure", "value"), rows, self.reasons)


@dataclass(frozen=True)
class Row:
    """One row of a board; ``rank`` is None where the entry has none."""

    data: Json

    @property
    def id(self) -> str:
        """The id of the record behind the row."""
        return str(self.data["record"])

    @property
    def entry(self) -> str:
        """The name of the entry."""
        return str(self.data["entry"])

    @property
    def rank(self) -> int | None:
        """The rank; entries that no test tells apart share one."""
        rank: int | None = self.data["rank"]
        return rank

    @property
    def metrics(self) -> Mapping[str, Measure]:
        """The numbers of the row by name."""
        return {name: Measure(**one) for name, one in self.data["metrics"].items()}


@dataclass(frozen=True)
class Board:
    """Rows of one board, best first."""

    data: Json

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows that were asked for; ``data["total"]`` says how many there are."""
        return tuple(map(Row, self.data["rows"]))

    def table(self) -> list[dict[str, Any]]:
        """Return one flat dictionary a row: rank, entry, team, record, status, the value of each metric."""
        return [
            {
                "rank": row.rank,
                **{name: row.data[name] for name in ("entry", "team", "record", "status", "validity")},
                **{name: measure.value for name, measure in row.metrics.items()},
            }
            for row in self.rows
        ]

    def __repr__(self) -> str:
        return f"<Board {self.data['task']} on {self.data['profile']}: {self.data['total']} rows>"

    def _repr_html_(self) -> str:
        columns = self.data["columns"]
        heads = ("#", "entry", *(f"{column['title']} {column['unit']}".strip() for column in columns))
        rows = [
            (
                row.data["rank_label"],
                row.entry,
                *(str(row.metrics.get(column["name"], Measure(None))) for column in columns),
            )
            for row in self.rows
        ]
        notes = [f"{prize['award']}: {prize['entry']}, {prize['detail']}" for prize in self.data["prizes"]]
        return table(
            f"{self.data['title']} ({self.data['profile']})", heads, rows, (*notes, *self.data["notes"])
        )


@dataclass(frozen=True)
class Comparison:
    """Two entries compared, in sentences. ``verdict`` says whether the first is the faster one."""

    verdict: str
    sentences: tuple[str, ...]
    data: Json

    def __repr__(self) -> str:
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        return table(f"speed: {self.verdict}", (), (), self.sentences)
