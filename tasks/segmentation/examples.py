"""Frames with the entry's mask and the outline of the true one, for an entry's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn

if TYPE_CHECKING:
    from harness.spec import Arrays

WIDTH = 480
"""Larger frames are drawn this many pixels wide."""
TRUE, MARKED = (120, 220, 90), (255, 120, 40)
"""Red, green, blue."""


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """JPEG files by name: up to six frames, evenly from all."""
    return drawn(queries, answers, _drawn)


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    asked = query.load()
    frame = asked["frame"] if isinstance(asked, Mapping) else asked
    height, width = frame.shape[:2]
    scale = min(1.0, WIDTH / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    marked, true = (
        cv2.resize(np.asarray(mask).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        for mask in (answer, query.truth.load())
    )
    picture[marked] = (0.55 * picture[marked] + 0.45 * np.array(MARKED)).astype(np.uint8)
    outlines, _ = cv2.findContours(true.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, TRUE, 2)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 82]
    return {".jpg": bytes(cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)[1])}
