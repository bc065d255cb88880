"""Templates of competitions, in the frame of the pages of boards. Everything is escaped."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment

from competitions.pages.markdown import to_html
from competitions.rules.declaration import day
from leaderboards.web.rendering import environment

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
_SPANS = ((86_400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))
_SIZES = ("bytes", "kB", "MB", "GB", "TB")


def render(template: str, /, **values: object) -> str:
    """Render one page."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    made = environment(FOLDER / "templates")
    made.filters |= {"markdown": to_html, "time": day, "span": span, "size": size, "lines": lines}
    made.filters |= {"stamp": stamp, "score": score}
    return made


def span(seconds: float) -> str:
    """Write how long something takes: ``3 days``."""
    length, unit = next((one for one in _SPANS if abs(seconds) >= one[0]), _SPANS[-1])
    count = round(abs(seconds) / length)
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Write a number of bytes: ``1.4 MB``."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_SIZES[unit]}" if unit else f"{count} byte{'' if count == 1 else 's'}"


def stamp(seconds: float) -> str:
    """Write a time for ``datetime`` attributes."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def score(value: float | None, digits: int) -> str:
    """Write a score with so many digits after the point."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def lines(text: str) -> str:
    """Return a text of several lines without invisible characters, which could rearrange a page."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in kept if one in "\n\t" or not unicodedata.category(one).startswith("C"))
