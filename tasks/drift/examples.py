"""The rows of a span that an entry misread: digits as pictures, rows of numbers as lines of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn
from tasks.drawings.sheet import named_sheet
from tasks.drawings.table import MOST_LINES, Cell, table

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

NUMBERS = 8
"""How many numbers of a row are shown."""


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name: what was misread in up to six spans that have some, evenly from all."""
    return drawn(queries, answers, _drawn, lambda query, answer: len(_wrong(query, answer)) > 0)


def _wrong(query: Query, answer: Arrays) -> Array:
    assert isinstance(answer, Mapping)
    return np.flatnonzero(answer["labels"] != query.truth.labels)


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    assert isinstance(answer, Mapping)
    rows, true, named = np.asarray(query.load()), query.truth.labels, answer["labels"]
    if rows.ndim >= 3:
        return {".png": named_sheet(rows, true.tolist(), named.tolist())}
    wrong = _wrong(query, answer)
    shown = (wrong if len(wrong) else np.arange(len(rows)))[:MOST_LINES]
    lines = [
        [
            Cell(str(true[row])),
            Cell(str(named[row]), wrong=bool(len(wrong))),
            *(Cell(f"{value:.3g}") for value in rows[row, :NUMBERS]),
        ]
        for row in shown.tolist()
    ]
    heads = [f"number {place + 1}" for place in range(min(NUMBERS, rows.shape[1]))]
    more = f", {rows.shape[1] - NUMBERS} numbers more" if rows.shape[1] > NUMBERS else ""
    return {".png": table(f"{len(wrong)} of {len(rows)} rows misread{more}", ["is", "named", *heads], lines)}
