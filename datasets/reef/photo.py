"""Frames as JPEG files: a quick check that they are complete, and decoding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

_TAIL = 1024
"""How many bytes may follow the end of the image: some cameras append data."""


def check_jpeg(path: Path) -> None:
    """Check the first and last bytes. Raises BadData if the file is missing, not a JPEG, or truncated."""
    try:
        with path.open("rb") as file:
            head = file.read(3)
            file.seek(max(path.stat().st_size - _TAIL, 0))
            _check(path, head, file.read())
    except OSError as error:
        raise BadData(f"the image {path} cannot be read: {error.strerror}") from None


def decode(path: Path) -> Array:
    """Return the image as uint8 ``(height, width, 3)``, RGB, in the order stored. Raises BadData."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadData(f"the image {path} cannot be read: {error.strerror}") from None
    # OpenCV fills the missing part of a truncated file with grey and only warns.
    _check(path, data[:3], data[-_TAIL:])
    # Boxes are in pixels as stored, whatever a camera noted of its orientation.
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise BadData(f"the image {path} cannot be decoded: {error.err}") from None
    if image is None:
        raise BadData(f"the image {path} is corrupt; replace it by an intact copy")
    return np.asarray(image)


def _check(path: Path, head: bytes, tail: bytes) -> None:
    if head != b"\xff\xd8\xff":
        raise BadData(
            f"the image {path} is {'not a JPEG' if head else 'empty'}; replace it by an intact copy"
        )
    if b"\xff\xd9" not in tail:
        raise BadData(f"the image {path} is truncated; replace it by an intact copy")
