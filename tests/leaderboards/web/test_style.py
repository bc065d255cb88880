"""Colours that can be read: every ink on every ground, light and dark."""

from __future__ import annotations

import re

import pytest

from leaderboards.web.rendering import STATIC

INKS = ("ink", "muted", "accent", "warm", "gold", "good", "bad")
GROUNDS = ("paper", "card", "faint")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half(theme: int) -> None:
    style = (STATIC / "style.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6})(?:\w\w)?, (#\w{6})(?:\w\w)?\)", style)
    colours = {name: (light, dark)[theme] for name, light, dark in pairs}
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    found = {(ink, ground): contrast(colours[ink], colours[ground]) for ink in INKS for ground in GROUNDS}
    assert {pair: round(value, 2) for pair, value in found.items() if value < 4.5} == {}
