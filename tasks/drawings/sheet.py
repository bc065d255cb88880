"""A sheet of small pictures: what each is, and what an entry named it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tasks.drawings.ink import BAD, INK, png, sheet_of, width_of, write

if TYPE_CHECKING:
    from harness.spec import Array

MOST, ACROSS = 24, 8
SIDE, CAPTION = 60, 20
"""Pixels of the place of a picture, and of the line below it."""
_GAP = 4


def named_sheet(pictures: Array, true: Sequence[object], named: Sequence[object]) -> bytes:
    """Draw the pictures that were named wrongly, "3 as 8" below each; the first ones where all are right.

    ``pictures`` is (n, h, w), or (n, h, w, c) of one or three colours, uint8 as it is and other numbers
    scaled together; ``true`` and ``named`` hold n names. At most 24 are drawn. Returns a PNG file.
    """
    wrong = [place for place in range(len(pictures)) if true[place] != named[place]]
    shown = (wrong or list(range(min(len(pictures), ACROSS))))[:MOST]
    captions = [f"{true[place]} as {named[place]}" if wrong else f"{true[place]} right" for place in shown]
    step = max([SIDE, *(width_of(caption) + _GAP for caption in captions)])
    rows = -(-len(shown) // ACROSS)
    image, pen = sheet_of(min(len(shown), ACROSS) * step, rows * (SIDE + CAPTION))
    for number, (picture, caption) in enumerate(zip(_colours(pictures)[shown], captions, strict=True)):
        left, top = number % ACROSS * step, number // ACROSS * (SIDE + CAPTION)
        small = Image.fromarray(picture).resize((SIDE - _GAP, SIDE - _GAP), Image.Resampling.NEAREST)
        image.paste(small, (left + (step - SIDE + _GAP) // 2, top + _GAP // 2))
        write(pen, (left + (step - width_of(caption)) // 2, top + SIDE + 2), caption, BAD if wrong else INK)
    return png(image)


def _colours(pictures: Array) -> Array:
    """Return pictures as uint8 (n, h, w, 3)."""
    values = np.asarray(pictures)
    if values.dtype != np.uint8:
        low, high = float(values.min(initial=0)), float(values.max(initial=0))
        values = np.clip(255 * (values - low) / max(high - low, 1e-9), 0, 255).astype(np.uint8)
    values = values[..., None] if values.ndim == 3 else values
    return np.ascontiguousarray(np.broadcast_to(values, (*values.shape[:3], 3)))
