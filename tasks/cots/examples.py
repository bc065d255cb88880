"""A few frames of the reef with what was true and what was found, for an entry's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

WIDTH = 640
TRUE, FOUND = (90, 220, 120), (60, 170, 255)
"""Blue, green, red."""


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """JPEG files by name: up to six frames with starfish, evenly from all; others where none has any."""
    return drawn(queries, answers, _drawn, lambda query, _: len(query.truth) > 0)


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    asked = query.load()
    frame = asked["frame"] if isinstance(asked, Mapping) else asked
    scale = WIDTH / frame.shape[1]
    image = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    found = np.asarray(answer, np.float64)
    for box in query.truth:
        _box(image, box * scale, TRUE, 2)
    for confidence, *box in found:
        corner = _box(image, np.array(box) * scale, FOUND, 1)
        _text(image, f"{confidence:.2f}", (corner[0], corner[1] - 3), FOUND)
    _text(image, f"true {len(query.truth)}", (8, 16), TRUE)
    _text(image, f"found {len(found)}", (80, 16), FOUND)
    return {".jpg": bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 82])[1])}


def _box(image: Array, box: Array, colour: tuple[int, int, int], width: int) -> tuple[int, int]:
    """Draw a box (x, y, width, height), as far as it lies in the picture; its corner."""
    reach = max(image.shape)
    x, y, right, bottom = np.clip([*box[:2], *(box[:2] + box[2:])], -reach, 2 * reach).round().astype(int)
    cv2.rectangle(image, (int(x), int(y)), (int(right), int(bottom)), colour, width, cv2.LINE_AA)
    return int(x), int(y)


def _text(image: Array, text: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    for ink, width in (((0, 0, 0), 3), (colour, 1)):
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, width, cv2.LINE_AA)
