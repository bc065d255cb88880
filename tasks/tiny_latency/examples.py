"""How wrong each number of a chain's answer is: a row for each state of it, a cell for each number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from datasets.chains.network import EVERY
from harness.spec import Query
from tasks.drawings.choice import drawn
from tasks.drawings.ink import FAINT, png, sheet_of, width_of, write
from tasks.tiny_latency.chains import TOLERANCE, Truth, error

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

LEAST = 1e-9
"""Errors up to this one are white; from it to the tolerance cells grow darker, and beyond they are red."""
WIDTH, CELL, LINE = 512, 20, 20
"""Pixels: of all cells of a row, the height of a row, and that of a line of text."""
DARK, RED = np.array([20, 60, 130]), np.array([200, 40, 30])


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name: up to six chains, evenly from all."""
    return drawn(queries, answers, _drawn)


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    truth: Truth = query.truth
    cells = _colours(np.asarray(answer), truth.answer)
    names = [f"step {EVERY * (row + 1):,}" for row in range(len(cells) - 1)] + [f"step {truth.steps:,}"]
    left = max(map(width_of, names)) + 12
    image, pen = sheet_of(left + WIDTH + 4, 2 * LINE + CELL * len(cells) + 4)
    write(pen, (4, 3), f"largest error {error(answer, truth):.1e}, allowed {TOLERANCE:g}", FAINT)
    for row, name in enumerate(names):
        write(pen, (4, LINE + CELL * row + 3), name)
    size = (WIDTH, CELL * len(cells))
    image.paste(Image.fromarray(cells).resize(size, Image.Resampling.NEAREST), (left, LINE))
    pen.rectangle((left - 1, LINE - 1, left + WIDTH, LINE + CELL * len(cells)), outline=(205, 205, 210))
    scale = f"white: {LEAST:g} or less of the largest number, dark: {TOLERANCE:g}, red: more"
    write(pen, (left, LINE + CELL * len(cells) + 4), scale, FAINT)
    return {".png": png(image)}


def _colours(given: Array, right: Array) -> Array:
    """Return the colour of each number's error, uint8 (states, width, 3)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        largest = np.abs(right[np.isfinite(right)]).max(initial=1.0)
        apart = np.abs(given - right) / largest
        share = np.log10(np.maximum(apart, LEAST) / LEAST) / np.log10(TOLERANCE / LEAST)
    share[(given == right) | (np.isnan(given) & np.isnan(right))] = 0
    red = ~(share <= 1)
    shade = np.clip(np.nan_to_num(share), 0, 1)[..., None]
    colours = np.where(red[..., None], RED, 255 + shade * (DARK - 255))
    return np.asarray(colours, np.uint8)
