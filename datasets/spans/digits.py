"""Handwritten digits as a stream, with drifts planted at seeded moments.

Alpaydin and Kaynak, "Optical recognition of handwritten digits", UCI 1998, as scikit-learn ships it: every
picture occurs once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datasets.spans.layout import Drift, Stream
from datasets.streams import generators

if TYPE_CHECKING:
    from harness.spec import Array

SPANS = 30
GRADUAL = 3
"""A gradual drift takes so many spans: the share of changed rows rises evenly."""
PARTS = (
    ("rotation", "sudden"),
    ("plain", "recurring"),
    ("inversion", "gradual"),
    ("prior", "sudden"),
    ("style", "sudden"),
    ("rotation", "recurring"),
)
"""What the stream becomes, one after the other; it begins plain."""
FIRST, HISTORY = 7, 3
RARE = 0.15
"""How many times as often as others the digits 5 to 9 come after the change of the prior."""


def stream(seed: int, *, drifting: bool = True) -> Stream:
    """Return 1,797 digits, float32 (n, 8, 8) in 0..1, in 30 spans."""
    from sklearn.datasets import load_digits

    held = load_digits()
    shown, hidden = generators(seed, 2)
    order = shown.permutation(len(held.target))
    x = (held.images[order] / 16).astype(np.float32)
    y = held.target[order].astype(np.int64)
    span = np.arange(len(y)) * SPANS // len(y)
    if not drifting:
        return Stream(x, y, span, history=HISTORY)
    drifts = planted(hidden)
    places = with_prior(y, span, drifts, hidden)
    return Stream(changed(x[places], span, drifts, hidden), y[places], span, drifts, HISTORY)


def planted(rng: np.random.Generator) -> list[Drift]:
    """Draw the span of each drift: about every fourth one."""
    starts = FIRST + 4 * np.arange(len(PARTS)) - rng.integers(0, 2, len(PARTS))
    return [Drift(int(start), *part) for start, part in zip(starts, PARTS, strict=True)]


def with_prior(y: Array, span: Array, drifts: list[Drift], rng: np.random.Generator) -> Array:
    """Return the order (n,) of rows in which digits 5 to 9 are rare while the prior is changed.

    Rows of those spans change places with later rows: every picture still occurs once.
    """
    starts = [drift.span for drift in drifts]
    at = next(place for place, drift in enumerate(drifts) if drift.name == "prior")
    places = np.arange(len(y))
    inside = np.flatnonzero((span >= starts[at]) & (span < starts[at + 1]))
    frequent = np.flatnonzero((span >= starts[at + 1]) & (y < 5))
    swapped = [row for row in inside if y[row] >= 5 and rng.random() > RARE][: len(frequent)]
    for row, other in zip(swapped, rng.permutation(frequent), strict=False):
        places[row], places[other] = places[other], places[row]
    return places


def changed(x: Array, span: Array, drifts: list[Drift], rng: np.random.Generator) -> Array:
    """Give each row the look of its part of the stream."""
    made = x.copy()
    looks = {"rotation": rotated, "inversion": inverted, "style": thinned}
    for place, drift in enumerate(drifts):
        end = drifts[place + 1].span if place + 1 < len(drifts) else SPANS
        for number in range(drift.span, end):
            share = 1.0 if drift.kind != "gradual" else min(1.0, (number - drift.span + 1) / GRADUAL)
            rows = np.flatnonzero(span == number)
            rows = rows[rng.random(len(rows)) < share]
            made[rows] = looks.get(drift.name, np.copy)(x[rows])
    return made


def rotated(x: Array) -> Array:
    """Turn pictures (n, 8, 8) by a quarter."""
    return np.rot90(x, axes=(1, 2))


def inverted(x: Array) -> Array:
    """Make ink bright where it was dark."""
    return 1 - x


def thinned(x: Array) -> Array:
    """Write with a thinner, slanted pen: only strong ink stays, and rows are shifted apart."""
    thin = np.clip(2 * x - 1, 0, 1)
    slanted = [np.roll(thin[:, row], (row - 4) // 2, axis=1) for row in range(8)]
    return np.stack(slanted, axis=1)
