"""Names and texts of other people, made safe to show."""

from __future__ import annotations

import unicodedata

NAME_LENGTH = 48
UNNAMED = "(unnamed)"
"""What is shown for a name without a visible character."""
_MARKS_IN_A_ROW = 2
_LONGEST = 400
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that are drawn as nothing."""
_CAPITALS = {
    "a": "АΑᎪꓮⲀ", "b": "ВΒᏴꓐⲂ", "c": "СϹᏟꓚⲤ", "d": "Ꭰꓓ", "e": "ЕΕᎬꓰⲈ", "f": "Ϝꓝ", "g": "Ꮐꓖ", "h": "НΗᎻꓧⲎ",
    "i": "ІΙӀᏆꓲⲒ", "j": "ЈͿᎫꓙ", "k": "КΚᏦꓗⲔ", "l": "Ꮮꓡ", "m": "МΜᎷꓟⲘ", "n": "ΝꓠⲚ", "o": "ОΟᎾꓳⲞ", "p": "РΡᏢꓑⲢ",
    "r": "Ꮢꓣ", "s": "ЅᏚꓢ", "t": "ТΤᎢꓔⲦ", "u": "ꓴ", "v": "Ꮩꓦ", "w": "Ꮤꓪ", "x": "ХΧꓫⲬ", "y": "УΥҮꓬⲨ",
    "z": "ΖᏃꓜ",
}  # fmt: skip
_SMALL = {
    "a": "аαɑⲁ", "b": "вβⲃ", "c": "сϲⲥ", "d": "ԁ", "e": "еҽⲉ", "f": "ƒ", "g": "ɡց", "h": "һնհⲏ", "i": "іιɩıⲓ",
    "j": "јϳ", "k": "кκⲕ", "l": "ӏ", "m": "мⲙ", "n": "ոηⲛ", "o": "оοօⲟ", "p": "рρⲣ", "q": "ԛ", "s": "ѕ",
    "t": "тτⲧ", "u": "υս", "v": "ѵν", "w": "ԝω", "x": "хχⲭ", "y": "уүγⲩ",
}  # fmt: skip
# After Unicode's confusables (UTS 39): letters of other scripts that look Latin.
_LOOKS_LIKE = [
    {ord(letter): latin for latin, letters in table.items() for letter in letters}
    for table in (_CAPITALS, _SMALL)
]
_READ_AS = str.maketrans("013458|!$øđħłŧ", "oieasbiisodhlt")


def skeleton(name: str) -> str:
    """Return what a name looks like: names of one skeleton are one name to whoever reads them."""
    capitals, small = _LOOKS_LIKE
    shown = plain(unicodedata.normalize("NFKC", name), _LONGEST)
    return shown.translate(capitals).casefold().translate(small)


def read_as(name: str) -> str:
    """Return the letters a to z that a name can be read as, accents, digits and signs taken for letters.

    An l stands as i: in many typefaces nothing tells them apart.
    """
    bare = "".join(
        mark for mark in unicodedata.normalize("NFKD", skeleton(name)) if mark.isalnum() or mark in "|!$"
    )
    return "".join(filter(str.isascii, bare.translate(_READ_AS))).replace("l", "i")


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
        elif not kind.startswith("C") and character not in _BLANKS and marks <= _MARKS_IN_A_ROW:
            shown.append(character)
    line = " ".join("".join(shown).split())
    if len(line) > length:
        tail = length // 3
        line = f"{line[: length - tail - 1]}…{line[-tail:]}"
    return line or UNNAMED
