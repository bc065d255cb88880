"""The strings of a block that an entry put into the wrong class, the surest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn
from tasks.drawings.table import MOST_LINES, Cell, table

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name: up to six blocks with misread strings, evenly from all that have some."""
    return drawn(queries, answers, _drawn, lambda query, answer: len(_wrong(query, answer)) > 0)


def _wrong(query: Query, answer: Arrays) -> Array:
    """Return the places of misread strings, by falling distance to the right class's score."""
    truth, scores = query.truth, np.asarray(answer)
    if not truth.is_scored:
        return np.array([], np.int64)
    wrong = np.flatnonzero(scores.argmax(axis=1) != truth.labels)
    apart = scores[wrong].max(axis=1) - scores[wrong, truth.labels[wrong]]
    return wrong[np.argsort(-apart, kind="stable")]


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    truth, x = query.truth, query.load()
    if not truth.is_scored:
        return {}
    assert isinstance(x, Mapping)
    wrong, named = _wrong(query, answer), np.asarray(answer).argmax(axis=1)
    shown = wrong if len(wrong) else np.arange(truth.count)
    lines = [
        [
            Cell(truth.classes[truth.labels[place]]),
            Cell(truth.classes[named[place]], wrong=bool(len(wrong))),
            Cell(x["texts"][place].decode("utf-8", "replace")),
        ]
        for place in shown[:MOST_LINES].tolist()
    ]
    note = f"{len(wrong)} of {truth.count} strings misread" + (", the surest first" if len(wrong) else "")
    return {".png": table(note, ["is", "named", "text"], lines)}
