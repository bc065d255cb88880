"""A stream on disk: the first spans with labels are public, the others are asked and taught one by one.

public/history.npz     x float32 (n, ...), y int64 (n,) of the first spans
public/about.json      classes, history (how many spans), and spans to come
private/stream.npz     x, y, span (n,) int64 of the other spans in order of time; held (n,) bool: rows that
                       are never taught and are asked at the end; previous (n,) the label before each row
private/drifts.json    [{"span", "name", "kind"}] of planted drifts, in order
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.streams import stream as stream_of
from harness.npz import read_prepared
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

HELD_SHARE = 8
"""One row in so many is held back, where a span has that many."""


@dataclass(frozen=True)
class Drift:
    """A planted drift: the span where it begins, what changes, and how.

    ``kind`` is ``sudden``, ``gradual`` or ``recurring``.
    """

    span: int
    name: str
    kind: str


@dataclass(frozen=True, eq=False)
class Stream:
    """Rows in order of time: x float32 (n, ...), y int64 (n,) from 0, and the span (n,) of each from 0.

    The first ``history`` spans are public.
    """

    x: Array
    y: Array
    span: Array
    drifts: Sequence[Drift] = ()
    history: int = 1


@dataclass(frozen=True, eq=False)
class Hidden:
    """The spans that are asked and taught, in order: see ``stream.npz``."""

    x: Array
    y: Array
    span: Array
    held: Array
    previous: Array


def write(folder: Path, stream: Stream, seed: int) -> None:
    """Divide a stream into ``folder/public`` and ``folder/private``. Raises BadData as ``check`` does."""
    check(stream)
    count = int(stream.span[-1]) + 1
    history = stream.history
    known = stream.span < history
    np.savez(folder / "public" / "history.npz", x=stream.x[known], y=stream.y[known])
    about = {"classes": int(stream.y.max()) + 1, "spans": count - history, "history": history}
    (folder / "public" / "about.json").write_text(json.dumps(about))
    previous = np.concatenate([[-1], stream.y[:-1]])
    np.savez(
        folder / "private" / "stream.npz",
        x=stream.x[~known],
        y=stream.y[~known],
        span=stream.span[~known] - history,
        held=held_back(stream.span[~known], seed),
        previous=previous[~known],
    )
    drifts = [asdict(drift) | {"span": drift.span - history} for drift in stream.drifts]
    (folder / "private" / "drifts.json").write_text(json.dumps(drifts))


def read(private: Path) -> Hidden:
    """Read the spans that are asked and taught."""
    held = read_prepared(private / "stream.npz")
    return Hidden(held["x"], held["y"], held["span"], held["held"], held["previous"])


def read_drifts(private: Path) -> list[Drift]:
    """Read the planted drifts, in order; empty where none were planted."""
    return [Drift(**drift) for drift in json.loads((private / "drifts.json").read_text())]


def held_back(span: Array, seed: int) -> Array:
    """Mark (n,) bool the rows that are never taught: an eighth of each span, at random."""
    rng = np.random.default_rng(stream_of(seed, 8))
    held = np.zeros(len(span), bool)
    for number in np.unique(span):
        rows = np.flatnonzero(span == number)
        held[rng.permutation(rows)[: len(rows) // HELD_SHARE]] = True
    return held


def check(stream: Stream) -> None:
    """Raise BadData unless rows, labels and spans fit together and leave spans to be asked."""
    if not len(stream.y):
        raise BadData("the stream has no rows")
    if not np.isfinite(stream.x).all():
        raise BadData("a value of the stream is not finite")
    if (np.diff(stream.span) < 0).any() or (np.diff(stream.span) > 1).any() or stream.span[0] != 0:
        raise BadData("spans must be numbered from 0 in order of time, none left out")
    if stream.span[-1] < 2:
        raise BadData(f"the stream has {stream.span[-1] + 1} spans; at least 3 are needed")
    if len(np.unique(stream.y)) < 2:
        raise BadData("the stream has one class; at least 2 are needed")
