"""Check that image files of a user are whole, before a dataset is made of them.

OpenCV decodes a JPEG that is damaged in its middle, fills in grey or noise, and says so on standard error
alone, without the file's name. Here that becomes a reason that goes with the name.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

T = TypeVar("T")

MOST_PIXELS = 128_000_000
"""A frame of 16K has as many; a header that promises more is not followed."""
LEAST_SIDE = 16
"""Pixels of a frame's shorter side: with fewer there is nothing to find."""
MOST_REPORTED = 20
_DAMAGE = re.compile(rb"Corrupt JPEG data|Premature end of JPEG|libpng error|Unsupported marker|Invalid JPEG")
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_QUICK = cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_IGNORE_ORIENTATION
"""Every coded byte is read, but only an eighth of the pixels are computed."""
_one_at_a_time = threading.Lock()


class Faults:
    """Collects what is wrong with a user's files, so that one run names them all."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._messages)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Keep the message of a BadData that the block raises, and go on after the block."""
        try:
            yield
        except BadData as error:
            self._messages.append(str(error))

    def raise_if_any(self) -> None:
        """Raise one BadData with every message, at most ``MOST_REPORTED`` of them."""
        if not self._messages:
            return
        shown, more = self._messages[:MOST_REPORTED], len(self._messages) - MOST_REPORTED
        if more > 0:
            shown.append(f"... and {more:,} more files")
        raise BadData("\n".join(shown))


def check(path: Path, quick: bool = False) -> tuple[int, int]:
    """Decode an image for nothing but its faults; return its (height, width) as stored.

    With ``quick`` the pixels themselves are not computed. Raises BadData, which names the file.
    """
    shape = stored_shape(path)
    decode(path, path.read_bytes(), _QUICK if quick else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return shape


def stored_shape(path: Path) -> tuple[int, int]:
    """Return (height, width) as the file's header has it. Raises BadData, also for too few or too many."""
    if not path.is_file():
        raise BadData(f"the image {path} cannot be read: there is no such file")
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=_FORMATS) as image:
            width, height = image.size
    except UnidentifiedImageError:
        raise BadData(_corrupt(path)) from None
    except OSError as error:
        raise BadData(
            f"the image {path} cannot be read: {error.strerror}" if error.strerror else _corrupt(path)
        ) from None
    except (Image.DecompressionBombError, ValueError, SyntaxError, EOFError, OverflowError):
        raise BadData(_corrupt(path)) from None
    if width * height > MOST_PIXELS:
        raise BadData(
            f"the image {path} is {width} x {height} pixels; at most {MOST_PIXELS // 1_000_000} million fit"
        )
    if min(width, height) < LEAST_SIDE:
        raise BadData(
            f"the image {path} is {width} x {height} pixels; a frame needs at least {LEAST_SIDE} on each "
            "side: leave it out of the data"
        )
    return height, width


def decode(path: Path, data: bytes, flags: int) -> Array:
    """Decode with OpenCV's ``flags``. Raises BadData where the decoder reports any damage."""
    image, said = _listening(lambda: _decoded(data, flags))
    damage = next((line for line in said.splitlines() if _DAMAGE.search(line)), None)
    if image is None:
        raise BadData(_corrupt(path))
    if damage is not None:
        reason = damage.decode("ascii", "replace").strip()
        raise BadData(f"the image {path} is damaged ({reason}); replace it by an intact copy")
    return image


def _corrupt(path: Path) -> str:
    return f"the image {path} is corrupt; replace it by an intact copy"


def _decoded(data: bytes, flags: int) -> Array | None:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # of an empty file
        return None


def _listening(work: Callable[[], T]) -> tuple[T, bytes]:
    """Return what ``work()`` returns, and what the libraries below it wrote to standard error meanwhile.

    What is not about an image (a progress bar that another thread draws) is passed on.
    """
    with _one_at_a_time, tempfile.TemporaryFile() as heard:
        kept = os.dup(2)
        os.dup2(heard.fileno(), 2)
        try:
            result = work()
        finally:
            os.dup2(kept, 2)
            said = _read(heard)
            if said and not _DAMAGE.search(said):
                os.write(kept, said)
            os.close(kept)
    return result, said


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
