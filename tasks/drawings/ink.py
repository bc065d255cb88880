"""Text in pictures, and pictures as PNG bytes."""

from __future__ import annotations

import io
from bisect import bisect_right
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = 12
INK, FAINT, GOOD, BAD = (30, 30, 34), (110, 110, 118), (20, 120, 60), (190, 50, 30)


@cache
def font() -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which matplotlib ships: Latin, Greek, Cyrillic, Hebrew, Arabic, signs."""
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(str(path), SIZE, layout_engine=ImageFont.Layout.BASIC)


def width_of(text: str) -> int:
    """Return how many pixels wide a text is."""
    return round(font().getlength(text))


def fitted(text: str, most: int) -> str:
    """Write what prints of a text on one line of at most ``most`` pixels; a cut one ends with an ellipsis."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text[:most]).split())
    if len(text) <= most and width_of(line) <= most:
        return line
    kept = bisect_right(range(len(line)), most, key=lambda end: width_of(f"{line[:end]}…")) - 1
    return f"{line[: max(kept, 0)].rstrip()}…"


def sheet_of(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return a white sheet and a pen."""
    image = Image.new("RGB", (max(1, width), max(1, height)), (255, 255, 255))
    return image, ImageDraw.Draw(image)


def write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, colour: tuple[int, int, int] = INK
) -> None:
    """Write a text with its upper left corner at ``at``."""
    pen.text(at, text, fill=colour, font=font())


def png(image: Image.Image) -> bytes:
    """Return a picture as a PNG file."""
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return stream.getvalue()
