"""A table as a picture: lines of text, and shares from 0 to 1 as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.drawings.ink import BAD, FAINT, GOOD, INK, fitted, png, sheet_of, width_of, write

MOST_LINES = 12
LINE, WIDEST, BAR = 20, 420, 60
"""Pixels: the height of a line, the widest text, the length of a bar of 1."""
_GAP = 14


@dataclass(frozen=True)
class Cell:
    """A text, ``wrong`` where the entry erred; with ``share``, a bar as long as the share comes before it."""

    text: str
    wrong: bool = False
    share: float | None = None

    @property
    def width(self) -> int:
        """Pixels that the cell takes."""
        return width_of(fitted(self.text, WIDEST)) + (0 if self.share is None else BAR + 6)


def table(note: str, heads: Sequence[str], lines: Sequence[Sequence[Cell]]) -> bytes:
    """Draw a note above a table of at most twelve lines. Returns a PNG file."""
    shown = lines[:MOST_LINES]
    columns = [[line[place].width for line in shown] for place in range(len(heads))]
    widths = [max([width_of(head), *column]) + _GAP for head, column in zip(heads, columns, strict=True)]
    image, pen = sheet_of(max(sum(widths), width_of(note) + _GAP), LINE * (len(shown) + 2) + 6)
    write(pen, (4, 3), note, FAINT)
    left = 4
    for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
        write(pen, (left, LINE + 3), head, FAINT)
        for number, line in enumerate(shown):
            cell, at, top = line[place], left, LINE * (number + 2) + 3
            if cell.share is not None:
                end = at + round(BAR * min(max(cell.share, 0.0), 1.0))
                pen.rectangle((at, top + 3, at + BAR, top + 12), outline=(205, 205, 210))
                pen.rectangle((at, top + 3, end, top + 12), fill=BAD if cell.wrong else GOOD)
                at += BAR + 6
            write(pen, (at, top), fitted(cell.text, WIDEST), BAD if cell.wrong else INK)
        left += width
    return png(image)
