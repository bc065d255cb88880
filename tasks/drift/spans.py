"""The script of task drift, and what an answer to a span must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.npz import read_prepared
from harness.spec import Query
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from datasets.spans.layout import Drift
    from harness.spec import Array, Arrays, Prepared


@dataclass(frozen=True, eq=False)
class Span:
    """The truth of one query: labels (n,), and of each row the span it came in.

    ``no_change`` and ``majority`` are how many of the span's ``rows`` these predictors get right. ``drift``
    is the planted drift that begins here. The query of old rows at the end has ``number`` -1.
    """

    number: int
    labels: Array
    origin: Array
    rows: int = 0
    no_change: int = 0
    majority: int = 0
    drift: Drift | None = None


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return each span's question and lesson, then one question with the rows that were held back."""
    from datasets.spans import layout

    hidden = layout.read(prepared.private)
    drifts = {drift.span: drift for drift in layout.read_drifts(prepared.private)}
    known = read_prepared(prepared.public / "history.npz", ("y",))["y"]
    counts = np.bincount(known, minlength=int(max(hidden.y.max(), known.max())) + 1)
    script = []
    for number in range(int(hidden.span[-1]) + 1):
        rows = hidden.span == number
        asked = rows & ~hidden.held
        x, y = hidden.x[asked], hidden.y[asked]
        right = int((hidden.previous[rows] == hidden.y[rows]).sum())
        common = int((hidden.y[rows] == counts.argmax()).sum())
        truth = Span(number, y, np.full(len(y), number), int(rows.sum()), right, common, drifts.get(number))
        name = f"span-{number:04d}"
        script += [
            Query(name, name, "public", partial(np.copy, x), truth),
            Query(f"lesson-{number:04d}", name, "public", partial(np.copy, x), None, partial(np.copy, y)),
        ]
        counts = counts + np.bincount(hidden.y[rows], minlength=len(counts))
    old = hidden.held
    if old.any():
        truth = Span(-1, hidden.y[old], hidden.span[old])
        script.append(Query("old", "old", "public", partial(np.copy, hidden.x[old]), truth))
    return script


def check(answer: Arrays, query: Query) -> Arrays:
    """Return ``labels`` (n,) and ``retrained``, the number of trainings so far (-1 where it is not told).

    Raises InvalidSubmission where an answer is not one whole number for each row.
    """
    named = answer if isinstance(answer, Mapping) else {"labels": answer}
    count = len(query.truth.labels)
    labels = named.get("labels")
    if labels is None or labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise InvalidSubmission(
            f"{query.id}: the answer must be {count} whole numbers, one class for each row"
        )
    retrained = named.get("retrained", np.int64(-1))
    if retrained.shape != () or retrained.dtype.kind not in "iu":
        raise InvalidSubmission(f"{query.id}: 'retrained' must be one whole number")
    return {"labels": labels, "retrained": np.asarray(retrained)}


def agree(one: Arrays, other: Arrays) -> bool:
    """Whether two answers name the same classes."""
    assert isinstance(one, Mapping) and isinstance(other, Mapping)
    return bool(np.array_equal(one["labels"], other["labels"]))


def tally(answer: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """Return the accuracy of one span, and what the trivial predictors get right in it."""
    spans = float(truth.number >= 0)
    return {
        "accuracy": accuracy_of(answer, truth) * spans,
        "spans": spans,
        "no_change": float(truth.no_change),
        "majority": float(truth.majority),
        "rows": float(truth.rows),
    }


def accuracy_of(answer: Arrays, truth: Span) -> float:
    """Return the share of rows whose class is right."""
    assert isinstance(answer, Mapping)
    return float((answer["labels"] == truth.labels).mean())
