"""Names and texts of other people, made safe to show."""

from __future__ import annotations

import unicodedata

NAME_LENGTH = 48
_MARKS_IN_A_ROW = 2


def plain(text: str, length: int = NAME_LENGTH) -> str:
    """Return one line of visible characters, at most ``length`` long.

    Control characters, line breaks, bidirectional marks and other invisible characters are removed, as are
    more than two combining marks in a row; a text that is too long keeps its beginning and its end.
    """
    shown: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[: 4 * length] + text[4 * length :][-4 * length :]):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind.startswith("M") else 0
        if kind.startswith("Z") or character in "\t\n\r":
            shown.append(" ")
        elif not kind.startswith("C") and marks <= _MARKS_IN_A_ROW:
            shown.append(character)
    line = " ".join("".join(shown).split())
    if len(line) > length:
        tail = length // 3
        line = f"{line[: length - tail - 1]}…{line[-tail:]}"
    return line or "(unnamed)"
