"""Frames as JPEG files: a check that they are whole, and decoding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from datasets import photographs
from harness.files import read_given
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

_TAIL = 1024
"""How many bytes may follow the end of the image: some cameras append data."""


def check_jpeg(path: Path) -> None:
    """Read a frame whole. Raises BadData if it is missing, no JPEG, truncated, damaged or tiny."""
    _check(path, _read(path))
    photographs.check(path, quick=True)


def decode(path: Path) -> Array:
    """Return the image as uint8 ``(height, width, 3)``, RGB, in the order stored. Raises BadData."""
    data = _read(path)
    # OpenCV fills the missing part of a truncated file with grey and only warns.
    _check(path, data)
    # Boxes are in pixels as stored, whatever a camera noted of its orientation.
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise BadData(f"the image {path} cannot be decoded: {error.err}") from None
    if image is None:
        raise BadData(f"the image {path} is corrupt; replace it by an intact copy")
    return np.asarray(image)


def _read(path: Path) -> bytes:
    try:
        return read_given(path)
    except OSError as error:
        raise BadData(f"the image {path} cannot be read: {error.strerror}") from None


def _check(path: Path, data: bytes) -> None:
    if data[:3] != b"\xff\xd8\xff":
        raise BadData(
            f"the image {path} is {'not a JPEG' if data else 'empty'}; replace it by an intact copy"
        )
    if b"\xff\xd9" not in data[-_TAIL:]:
        raise BadData(f"the image {path} is truncated; replace it by an intact copy")
