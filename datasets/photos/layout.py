"""Pictures on disk: what contestants may read and what only the harness reads.

public/train/NAME.png    photographs that are not asked about, to train on (none where the user gave pictures)
private/pictures.csv     id, photograph, split
private/true/ID.png      uint8 RGB (h, w, 3), h and w multiples of SCALE
private/low/ID.png       the same at a quarter of the size, by the frozen bicubic
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from datasets.people.frames import read_image, write_image
from datasets.photos.bicubic import resize

if TYPE_CHECKING:
    from harness.spec import Array

SCALE = 4
SMALLEST = 32
"""The least width and height of a true picture."""
TABLE = "pictures.csv"


class Picture(BaseModel):
    """One line of the table: which photograph the picture is of, and which split it is in."""

    id: str
    photograph: str
    split: Literal["public", "private"]


def write(private: Path, pictures: Iterable[tuple[Picture, Array]]) -> None:
    """Write true pictures, uint8 RGB (h, w, 3), with their small copies and the table."""
    rows = []
    for row, true in pictures:
        height, width = (side // SCALE for side in true.shape[:2])
        write_image(private / "true" / f"{row.id}.png", true)
        write_image(private / "low" / f"{row.id}.png", resize(true, height, width))
        rows.append(row)
    with (private / TABLE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(Picture.model_fields))
        writer.writeheader()
        writer.writerows(row.model_dump() for row in rows)


def read_table(private: Path) -> list[Picture]:
    """Read the table."""
    with (private / TABLE).open(newline="", encoding="utf-8") as file:
        return [Picture.model_validate(row) for row in csv.DictReader(file)]


def read_true(private: Path, name: str) -> Array:
    """Return the true picture ``name``, uint8 RGB (h, w, 3)."""
    return np.asarray(read_image(private / "true" / f"{name}.png"))


def read_low(private: Path, name: str) -> Array:
    """Return the picture ``name`` at a quarter of its size, uint8 RGB (h / 4, w / 4, 3)."""
    return np.asarray(read_image(private / "low" / f"{name}.png"))
