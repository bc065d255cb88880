"""Outlines of COCO into masks: polygons, and run-length codes in both forms.

A run-length code is checked and painted here, not by pycocotools: what does not cover the image exactly
would be painted from memory that was never written.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, TypeAlias

import numpy as np
from pycocotools import mask as pycoco
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, NonNegativeInt, field_validator

from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

_FARTHEST = 1.0
"""How far outside of the image a polygon may reach, in widths and heights of the image."""
_GROUPS = 7
"""Groups of five bits that a run may take; more would not fit into 32 bits."""


class Rle(BaseModel):
    """A run-length encoded mask, compressed (text) or not; ``size`` is (height, width)."""

    model_config = ConfigDict(frozen=True)
    size: tuple[int, int]
    counts: str | list[NonNegativeInt]


class Polygons(BaseModel):
    """One or more polygons, each x, y, x, y … in pixels."""

    model_config = ConfigDict(frozen=True)
    parts: Annotated[list[Annotated[list[FiniteFloat], Field(min_length=6)]], Field(min_length=1)]

    @field_validator("parts")
    @classmethod
    def _pairs(cls, parts: list[list[float]]) -> list[list[float]]:
        for part in parts:
            if len(part) % 2:
                raise ValueError(f"a polygon has {len(part)} numbers; they come in pairs, x and y")
        return parts


Outline: TypeAlias = "Polygons | Rle"


def painted(outline: Outline, height: int, width: int) -> Array:
    """Return an outline as bool (height, width). Raises BadData where it does not fit the image."""
    if isinstance(outline, Rle):
        return _painted_runs(outline, height, width)
    return _painted_polygons(outline.parts, height, width)


def _painted_polygons(parts: Sequence[Sequence[float]], height: int, width: int) -> Array:
    for part in parts:
        corners = np.asarray(part).reshape(-1, 2)
        beyond = np.maximum(-corners, corners - (width, height)) / (width, height)
        if beyond.max() > _FARTHEST:
            x, y = corners[int(beyond.max(axis=1).argmax())]
            raise BadData(f"a corner at ({x:g}, {y:g}) lies far outside of the {width} x {height} pixels")
    coded = pycoco.frPyObjects([list(part) for part in parts], height, width)
    return np.asarray(pycoco.decode(pycoco.merge(coded)), bool)


def _painted_runs(outline: Rle, height: int, width: int) -> Array:
    if outline.size != (height, width):
        raise BadData(f"a mask is {outline.size}, the image {(height, width)}")
    counts = outline.counts
    runs = _decompressed(counts) if isinstance(counts, str) else counts
    if (covered := sum(runs)) != height * width:
        raise BadData(f"a run-length code covers {covered:,} of the image's {height * width:,} pixels")
    marks = np.zeros(height * width + 1, np.int8)
    # Runs of background and person alternate: a mask is the parity of the ends of runs before a pixel.
    np.bitwise_xor.at(marks, np.fromiter(accumulate(runs), np.int64, len(runs)), 1)
    flat = np.bitwise_xor.accumulate(marks[:-1])
    return np.asarray(flat.reshape(width, height).T, bool)


def _decompressed(text: str) -> list[int]:
    """Return the runs of COCO's compressed form: five bits a character, differences from the third on.

    Raises BadData where the text breaks off, holds other characters or gives a negative run.
    """
    runs: list[int] = []
    value = groups = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64 or groups == _GROUPS:
            raise BadData(f"a run-length code holds {character!r} at a place where it cannot be")
        value |= (code & 31) << 5 * groups
        groups += 1
        if code & 32:
            continue
        if code & 16:
            value -= 1 << 5 * groups
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        if runs[-1] < 0:
            raise BadData(f"a run-length code has a run of {runs[-1]:,} pixels")
        value = groups = 0
    if groups:
        raise BadData("a run-length code breaks off in the middle of a number")
    return runs
