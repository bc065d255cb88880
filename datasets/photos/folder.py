"""A user's own folder of pictures: each whole, cut to a multiple of four, all of them public."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from datasets.photographs import Faults, decode, stored_shape
from datasets.photos.layout import SCALE, SMALLEST, Picture, write
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".webp"}
MOST_PIXELS = 1 << 24


def pictures(folder: Path) -> list[Path]:
    """Return the picture files of a folder in order of their names. Raises BadData if there is none."""
    if not folder.is_dir():
        raise BadData(f"there is no folder {folder}")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    if not found:
        raise BadData(f"{folder} holds no picture ({', '.join(sorted(ENDINGS))})")
    names = [identity(path) for path in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadData(f"{folder} holds two pictures called {twice}; rename one")
    return found


def arrange(files: Sequence[Path], target: Path, progress: Progress = no_progress) -> None:
    """Write the pictures into the empty folder ``target``. Raises BadData that names all unusable ones."""

    def rows() -> Iterator[tuple[Picture, Array]]:
        for done, path in enumerate(files):
            progress("reading pictures", done, len(files))
            with faults.noted():
                true, name = read(path), identity(path)
                yield Picture(id=name, photograph=name, split="public"), true

    faults = Faults()
    write(target / "private", rows())
    faults.raise_if_any()


def identity(path: Path) -> str:
    """Return the name of a picture's unit: that of its file, plain."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", path.stem)


def read(path: Path) -> Array:
    """Return a picture, uint8 RGB (h, w, 3), cut to multiples of SCALE; grey becomes three equal channels.

    Raises BadData for what cannot be read, an alpha channel, other numbers than 8 bits, and sizes that are
    too small or too large.
    """
    stored_shape(path)  # refuses what is no image, and sizes that no decoder should follow
    picture = decode(path, path.read_bytes(), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if picture.dtype != np.uint8:
        raise BadData(f"{path} holds {picture.dtype} values; save it with 8 bits a channel")
    if picture.ndim == 3 and picture.shape[2] == 4:
        raise BadData(f"{path} has an alpha channel; save it without")
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST or height * width > MOST_PIXELS:
        raise BadData(
            f"{path} is {width} x {height} pixels; {SMALLEST} x {SMALLEST} at least, "
            f"{MOST_PIXELS:,} in all at most"
        )
    colour = cv2.COLOR_GRAY2RGB if picture.ndim == 2 else cv2.COLOR_BGR2RGB
    cut = cv2.cvtColor(picture, colour)[: height // SCALE * SCALE, : width // SCALE * SCALE]
    return np.ascontiguousarray(cut)
