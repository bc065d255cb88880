"""The digits that an entry misread in a span, for its page; streams of numbers have no pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from harness.spec import Query

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

MOST_SPANS, MOST_DIGITS, ACROSS = 6, 24, 8
SIDE, CAPTION = 56, 20
"""Pixels of a digit's side, and of the line below it: the true class, and the one that was named."""


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name: the misread digits of up to six spans that have some, evenly from all."""
    found = []
    for query, answer in zip(queries, answers, strict=True):
        pictures = query.load()
        if isinstance(pictures, Mapping) or pictures.ndim != 3 or not isinstance(answer, Mapping):
            continue
        wrong = np.flatnonzero(answer["labels"] != query.truth.labels)
        if len(wrong):
            found.append((query, np.asarray(pictures), answer["labels"], wrong))
    chosen = sorted({int(at) for at in np.linspace(0, len(found) - 1, MOST_SPANS)}) if found else []
    return {_name(found[at][0]): _drawn(*found[at]) for at in chosen}


def _name(query: Query) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', query.id)[:80]}.png"


def _drawn(query: Query, pictures: Array, named: Array, wrong: Array) -> bytes:
    shown = wrong[:MOST_DIGITS]
    rows = -(-len(shown) // ACROSS)
    sheet = np.full((rows * (SIDE + CAPTION), min(len(shown), ACROSS) * SIDE), 255, np.uint8)
    low, high = float(pictures.min()), float(pictures.max())
    for place, index in enumerate(shown):
        top, left = place // ACROSS * (SIDE + CAPTION), place % ACROSS * SIDE
        ink = np.clip(255 * (pictures[index] - low) / max(high - low, 1e-9), 0, 255).astype(np.uint8)
        sheet[top : top + SIDE, left : left + SIDE] = cv2.resize(
            255 - ink, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST
        )
        text = f"{query.truth.labels[index]} as {named[index]}"
        at = left + 3, top + SIDE + CAPTION - 6
        cv2.putText(sheet, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 0, 1, cv2.LINE_AA)
    return bytes(cv2.imencode(".png", sheet)[1])
