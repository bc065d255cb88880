"""Characters of the fonts that matplotlib ships, as classes; their pictures differ by seeded changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.glyphs.layout import SIDE, Classes, Hidden
from datasets.streams import generators

if TYPE_CHECKING:
    from harness.spec import Array

FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf", "DejaVuSansMono.ttf")
"""Base and new classes are characters of the first; the others only make the classes many."""
BASE, TRAINED, OLD = 100, 40, 10
EPISODES, NEW, SHOTS, ASKED = 100, 5, 20, 2
CLASSES = 10_000
CANVAS, INK = 64, 44
FIRST_CHARACTER = 33
LEAST_INK = 12
"""A picture with fewer bright pixels is a dot or a blank."""


def classes(seed: int) -> Classes:
    """Render base, new and further classes, disjoint and in an order drawn by ``seed``."""
    order, shown, hidden = generators(seed, 3)
    plain = [glyph for font in FONTS for glyph in shuffled(font, order)]
    first, new = plain[:BASE], plain[BASE : BASE + EPISODES * NEW]
    rest = plain[BASE + EPISODES * NEW : CLASSES + MORE]
    taught = changed(new, SHOTS + ASKED, hidden).reshape(EPISODES, NEW, SHOTS + ASKED, SIDE, SIDE)
    known = _known(first, shown, hidden)
    extra = changed(rest, 1, hidden)[:, 0]
    return Classes(
        known[:, :TRAINED], Hidden(known[:, TRAINED:], taught[:, :, :SHOTS], taught[:, :, SHOTS:], extra)
    )


def _known(glyphs: list[Array], shown: np.random.Generator, hidden: np.random.Generator) -> Array:
    """Return the pictures of base classes (b, n, 28, 28): those trained on, then those asked about."""
    pictures = [
        [change(glyph, shown if place < TRAINED else hidden) for place in range(TRAINED + OLD)]
        for glyph in glyphs
    ]
    return np.array(pictures)


MORE = 8
"""Classes beyond CLASSES, which are added one at a time."""


def base(seed: int) -> tuple[Array, Array]:
    """Return training pictures (b, n, 28, 28) and other ones (b, o, 28, 28) of the base classes alone."""
    rng = np.random.default_rng(seed)
    known = changed(shuffled(FONTS[0], rng)[:BASE], TRAINED + OLD, rng)
    return known[:, :TRAINED], known[:, TRAINED:]


def shuffled(font: str, rng: np.random.Generator) -> list[Array]:
    """Return each different picture of a font's characters once, in random order."""
    pictures = {picture.tobytes(): picture for picture in drawn(font)}
    kept = list(pictures.values())
    return [kept[place] for place in rng.permutation(len(kept))]


def drawn(font: str) -> Iterator[Array]:
    """Draw every character of a font on a canvas of its own, uint8 (64, 64), as large as fits."""
    import matplotlib
    from matplotlib.ft2font import FT2Font
    from PIL import Image, ImageDraw, ImageFont

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / font
    face = ImageFont.truetype(str(path), 40, layout_engine=ImageFont.Layout.BASIC)
    for code in sorted(FT2Font(str(path)).get_charmap()):
        if code < FIRST_CHARACTER or not chr(code).isprintable():
            continue
        sheet = Image.new("L", (128, 128))
        ImageDraw.Draw(sheet).text((32, 32), chr(code), fill=255, font=face)
        box = sheet.getbbox()
        if box is not None:
            picture = fitted(np.asarray(sheet.crop(box)))
            if (picture > 127).sum() >= LEAST_INK * 4:
                yield picture


def fitted(ink: Array) -> Array:
    """Scale a character's ink so that its longer side fills the canvas, and centre it."""
    import cv2

    scale = INK / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    top, left = (CANVAS - size[1]) // 2, (CANVAS - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    return canvas


def changed(glyphs: list[Array], count: int, rng: np.random.Generator) -> Array:
    """Return ``count`` pictures of each character, uint8 (n, count, 28, 28), each changed differently."""
    return np.stack([np.stack([change(glyph, rng) for _ in range(count)]) for glyph in glyphs])


def change(glyph: Array, rng: np.random.Generator) -> Array:
    """Turn, scale, shear and shift a character, bend it elastically (Simard et al. 2003), and shrink it."""
    import cv2

    turn, shear = rng.normal(0, 0.16), rng.normal(0, 0.14)
    wide, high = np.exp(rng.normal(0, 0.13, 2))
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.array([[cosine, -sine], [sine, cosine]]) @ np.array([[wide, shear], [0, high]])
    centre = (CANVAS - 1) / 2
    grid: Any = np.stack(np.meshgrid(np.arange(CANVAS), np.arange(CANVAS)), -1) - centre
    bend = cv2.resize(
        rng.normal(0, 2.2, (5, 5, 2)).astype(np.float32), (CANVAS, CANVAS), interpolation=cv2.INTER_CUBIC
    )
    places = (grid @ matrix.T + centre + rng.normal(0, 1.5, 2) + bend).astype(np.float32)
    moved = cv2.remap(glyph, places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(moved, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
