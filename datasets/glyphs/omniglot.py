"""The one-shot runs of Omniglot (Lake et al. 2015): twenty new characters a run, one example each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.glyphs import fonts
from datasets.glyphs.layout import SIDE, Classes, Hidden
from datasets.glyphs.pictures import picture
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array


def classes(source: Path, seed: int) -> Classes:
    """Return the runs as episodes; base classes are characters of fonts, which are no Omniglot characters.

    Raises BadData where a run lacks its table or a picture.
    """
    runs = [run(folder) for folder in sorted(source.glob("run[0-9][0-9]"))]
    ways = {len(taught) for taught, _ in runs}
    if len(ways) != 1:
        raise BadData(f"{source}: runs of {sorted(ways)} classes; all must have the same number")
    taught, asked = (np.stack([pair[side] for pair in runs])[:, :, None] for side in (0, 1))
    trained, old = fonts.base(seed)
    return Classes(trained, Hidden(old, taught, asked, np.zeros((0, SIDE, SIDE), np.uint8)))


def run(folder: Path) -> tuple[Array, Array]:
    """Return one run: the example (n, 28, 28) of each class and the picture to be named, in one order."""
    table = folder / "class_labels.txt"
    if not table.is_file():
        raise BadData(f"{table} is missing; a run needs it")
    try:
        lines = [line.split() for line in table.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise BadData(f"{table} is no text: {error}") from None
    if not lines or any(len(line) != 2 or "\0" in "".join(line) for line in lines):
        raise BadData(f"{table}: every line names a test picture and a training picture")
    pairs = sorted((training, test) for test, training in lines)
    return (
        np.stack([picture(folder.parent / training) for training, _ in pairs]),
        np.stack([picture(folder.parent / test) for _, test in pairs]),
    )
