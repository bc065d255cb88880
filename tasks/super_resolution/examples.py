"""Pictures for an entry's page: small, answered and true, each in the same place and size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

SIDE = 288
"""Larger pictures are shown by a square of this many pixels around their middle."""


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name, three a picture, ``NAME~1 low resolution.png`` and so on; up to six pictures."""
    return drawn(queries, answers, _three)


def _three(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    height, width, _ = query.truth.shape
    low = cv2.resize(query.truth.load_low(), (width, height), interpolation=cv2.INTER_NEAREST)
    shown = {"1 low resolution": low, "2 entry": np.asarray(answer), "3 truth": query.truth.load()}
    return {f"~{part}.png": _png(_middle(picture)) for part, picture in shown.items()}


def _middle(picture: Array) -> Array:
    top, left = (max(0, (side - SIDE) // 2) for side in picture.shape[:2])
    return picture[top : top + SIDE, left : left + SIDE]


def _png(picture: Array) -> bytes:
    return bytes(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1])
