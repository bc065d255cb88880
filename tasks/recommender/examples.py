"""The rows of a block that an entry judged worst: clicked or not, how likely it seemed, what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn
from tasks.drawings.table import MOST_LINES, Cell, table
from tasks.metrics.ranking import losses

if TYPE_CHECKING:
    from harness.spec import Arrays

NUMBERS, IDS = 4, 6
"""How many columns of either kind are shown."""


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name: the rows with the largest loss of up to six blocks, evenly from all.

    Rows that tell what a model was trained on are never shown.
    """
    return drawn(queries, answers, _drawn, lambda query, _: query.truth.scored.sum() > 1)


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    truth, given, x = query.truth, np.asarray(answer), query.load()
    scored = np.flatnonzero(truth.scored)
    if not len(scored):
        return {}
    assert isinstance(x, Mapping)
    loss = losses(truth.label[scored], given[scored])
    worst = scored[np.argsort(-loss, kind="stable")][:MOST_LINES]
    numbers, ids = x["numerical"][:, :NUMBERS], x["categorical"][:, :IDS]
    left = x["numerical"].shape[1] + x["categorical"].shape[1] - numbers.shape[1] - ids.shape[1]
    wrong = (given > 0.5) != truth.label.astype(bool)
    lines = [
        [
            Cell("clicked" if truth.label[row] else "not clicked"),
            Cell(f"{given[row]:.3f}", wrong=bool(wrong[row]), share=float(given[row])),
            *(Cell(f"{value:.2f}") for value in numbers[row]),
            *(Cell(str(id_)) for id_ in ids[row]),
        ]
        for row in worst
    ]
    heads = [f"number {place + 1}" for place in range(numbers.shape[1])]
    heads += [f"id {place + 1}" for place in range(ids.shape[1])]
    note = f"the rows with the largest loss of {len(scored):,}; it is {loss.mean():.3f} on average"
    note += f"; {left} columns more" if left else ""
    return {".png": table(note, ["in truth", "probability of a click", *heads], lines)}
