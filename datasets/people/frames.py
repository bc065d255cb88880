"""Read and write the prepared frames: a table, images and masks.

frames.csv            id, clip, group, image, height, width
images/               as they are handed out, PNG or JPEG
masks/ID.png          255 where a person is, else 0
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from datasets import photographs
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

TABLE = "frames.csv"


class Frame(BaseModel):
    """One row of the table. Frames of a ``clip`` come in order; ``image`` is the name of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    clip: str
    group: str
    image: str
    height: int
    width: int


_RGB = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
"""Outlines are in pixels as stored, whatever a camera noted of its orientation."""


def write_table(folder: Path, frames: Iterable[Frame]) -> None:
    """Write ``frames.csv``."""
    with (folder / TABLE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(Frame.model_fields))
        writer.writeheader()
        writer.writerows(frame.model_dump() for frame in frames)


def read_table(folder: Path) -> list[Frame]:
    """Read ``frames.csv``."""
    with (folder / TABLE).open(newline="", encoding="utf-8") as file:
        return [Frame.model_validate(row) for row in csv.DictReader(file)]


def write_image(path: Path, image: Array) -> None:
    """Write RGB uint8 (H, W, 3) or grey uint8 (H, W) without loss."""
    path.parent.mkdir(exist_ok=True)
    # The images are noisy: a higher level takes longer and saves hardly anything.
    quick = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    encoded, data = cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image, quick)
    if not encoded:
        raise OSError(f"{path} cannot be encoded")
    path.write_bytes(data.tobytes())


def write_mask(folder: Path, name: str, mask: Array) -> None:
    """Write the mask of the frame ``name``, bool (H, W)."""
    write_image(folder / "masks" / f"{name}.png", mask.astype(np.uint8) * 255)


def read_image(path: Path) -> Array:
    """Return an image as uint8 (H, W, 3), RGB, in the order stored. Raises BadData."""
    return _decode(path, _RGB)


def read_photograph(path: Path) -> Array:
    """Return a user's photograph as ``read_image`` does. Raises BadData also for any damage in it."""
    photographs.stored_shape(path)
    return photographs.decode(path, path.read_bytes(), _RGB)


def read_mask(folder: Path, name: str) -> Array:
    """Return the mask of the frame ``name``, bool (H, W). Raises BadData."""
    return np.asarray(_decode(folder / "masks" / f"{name}.png", cv2.IMREAD_GRAYSCALE) > 0)


def _decode(path: Path, flags: int) -> Array:
    try:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), flags)
    except OSError as error:
        raise BadData(f"the image {path} cannot be read: {error.strerror}") from None
    except cv2.error:  # of an empty file
        image = None
    if image is None:
        raise BadData(f"the image {path} is corrupt; replace it by an intact copy")
    return np.asarray(image)
