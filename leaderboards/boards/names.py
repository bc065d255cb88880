"""Names and texts of other people, made safe to show."""

from __future__ import annotations

import unicodedata

NAME_LENGTH = 48
UNNAMED = "(unnamed)"
"""What is shown for a name without a visible character."""
_MARKS_IN_A_ROW = 2
_LONGEST = 400
_CAPITALS = {
    "a": "АΑ", "b": "ВΒ", "c": "СϹ", "e": "ЕΕ", "h": "НΗ", "i": "ІΙӀ", "j": "ЈͿ", "k": "КΚ", "m": "МΜ",
    "n": "Ν", "o": "ОΟ", "p": "РΡ", "s": "Ѕ", "t": "ТΤ", "x": "ХΧ", "y": "УΥҮ", "z": "Ζ",
}  # fmt: skip
_SMALL = {
    "a": "аαɑ", "b": "вβ", "c": "сϲ", "d": "ԁ", "e": "еҽ", "f": "ƒ", "g": "ɡց", "h": "һнհ", "i": "іιɩı",
    "j": "јϳ", "k": "кκ", "l": "ӏ", "m": "м", "n": "ոη", "o": "оοօ", "p": "рρ", "q": "ԛ", "s": "ѕ", "t": "тτ",
    "u": "υս", "v": "ѵν", "w": "ԝω", "x": "хχ", "y": "уүγ",
}  # fmt: skip
# After Unicode's confusables (UTS 39): Cyrillic, Greek, Armenian and phonetic letters that look Latin.
_LOOKS_LIKE = [
    {ord(letter): latin for latin, letters in table.items() for letter in letters}
    for table in (_CAPITALS, _SMALL)
]


def skeleton(name: str) -> str:
    """Return what a name looks like: names of one skeleton are one name to whoever reads them."""
    capitals, small = _LOOKS_LIKE
    shown = plain(unicodedata.normalize("NFKC", name), _LONGEST)
    return shown.translate(capitals).casefold().translate(small)


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
    return line or UNNAMED
