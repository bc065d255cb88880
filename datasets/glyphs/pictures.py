"""A user's own pictures: one folder a class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.glyphs.layout import SIDE, Classes, Hidden
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp"}
LEAST = 3
MOST_SHOTS = 20
WAY = 5
EPISODES = 100


def classes(source: Path, seed: int) -> Classes:
    """Make half of the classes base classes and deal the others to episodes of five, by ``seed``.

    Every class gives as many pictures as the smallest has. Raises BadData for a class with fewer than three.
    """
    rng = np.random.default_rng(seed)
    files = {folder.name: pictures_of(folder) for folder in sorted(source.iterdir()) if folder.is_dir()}
    if len(files) < 4:
        raise BadData(f"{source} holds {len(files)} folders; at least 4 classes are needed, one folder each")
    for name, paths in files.items():
        if len(paths) < LEAST:
            raise BadData(f"class '{name}' has {len(paths)} pictures; each class needs at least {LEAST}")
    least = min(map(len, files.values()))
    names = list(files)
    order = [names[place] for place in rng.permutation(len(names))]
    chosen = {name: [files[name][i] for i in rng.permutation(len(files[name]))[:least]] for name in order}
    loaded = np.stack([np.stack([picture(path) for path in chosen[name]]) for name in order])
    base, new = loaded[: len(loaded) // 2], loaded[len(loaded) // 2 :]
    way = min(WAY, len(new))
    dealt = new[: min(len(new) // way, EPISODES) * way].reshape(-1, way, *new.shape[1:])
    shots = min(MOST_SHOTS, least - 1)
    held = max(1, least // 5)
    hidden = Hidden(
        base[:, -held:], dealt[:, :, :shots], dealt[:, :, shots:], np.zeros((0, SIDE, SIDE), np.uint8)
    )
    return Classes(base[:, :-held], hidden)


def pictures_of(folder: Path) -> list[Path]:
    """List the pictures of one class, sorted by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def picture(path: Path) -> Array:
    """Read a picture as uint8 (28, 28) with bright ink: a picture on light paper is inverted.

    Raises BadData where it cannot be read.
    """
    import cv2

    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise BadData(f"{path} cannot be read as a picture")
    bright = 255 - grey if grey.mean() > 127 else grey
    return np.asarray(cv2.resize(bright, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
