"""Templates, and how values are written in them. Everything is escaped; no Python here makes markup."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness.record import Measure
from leaderboards.boards.columns import COLUMNS, PRIORITIES, Column
from leaderboards.boards.names import plain
from leaderboards.boards.parity import parity_label
from leaderboards.boards.prizes import AWARD_MARKS
from leaderboards.boards.spec import BoardKey
from leaderboards.web.charts import labels
from leaderboards.web.charts.intervals import bars
from leaderboards.web.numbers import number, p_shown

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

MORE_LINKS: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("more_links", default=())
"""Addresses and titles of what the answering server has beside boards, for the navigation of pages."""
_ALWAYS, _WIDE = 2, 4
"""The largest priority of the columns that a phone shows, and of those that a tablet shows."""
_UNITS = {"ms", "mb", "s", "qps", "j"}


def render(name: str, **values: object) -> str:
    """Render one page."""
    return environment().get_template(name).render(**values)


@cache
def environment(more: Path | None = None) -> Environment:
    """Return the environment of our templates, and of those in the folder ``more``, which may extend ours."""
    folders = [FOLDER / "templates", *([more] if more else [])]
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "plain": plain,
        "day": day,
        "moment": moment,
        "scope": scope,
        "words": words,
        "measure": measure_title,
        "number": number,
        "share": lambda value: f"{value:.0%}",
        "p_shown": p_shown,
        "query": query,
        "parity": parity_label,
    }
    made.globals |= {
        "marks": AWARD_MARKS,
        "prominence": prominence,
        "column_of": column_of,
        "bars_of": bars,
        "name_length": labels.NAME,
        "more_links": MORE_LINKS.get,
    }
    return made


def day(seconds: float) -> str:
    """Format a date: ``1 Mar 2026``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y")


def moment(started: str) -> str:
    """Format the start of a record: ``1 Mar 2026, 14:05 UTC``."""
    return datetime.fromisoformat(started).astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def scope(key: BoardKey, suffix: str = "") -> str:
    """Name the data, profile and scenario of a board, which differ between boards of one task."""
    return plain(f"{key.data} {key.variant} · {key.profile}{suffix} · {words(key.scenario)}", 120)


def words(name: str) -> str:
    """Write a name of the code as words."""
    return name.replace("_", " ")


def measure_title(name: str) -> str:
    """Write the name of a measure without its unit, which is shown beside it."""
    stem, _, end = name.rpartition("_")
    return plain(words(stem if end in _UNITS else name))


def query(present: Mapping[str, str], **changes: object) -> str:
    """Return the query of a link: the present one with some parts changed; None removes a part."""
    parts = {**present, **{name: str(value) for name, value in changes.items() if value is not None}}
    kept = {name: value for name, value in parts.items() if changes.get(name, "") is not None}
    return f"?{urlencode(kept)}" if kept else "?"


def prominence(column: Column, position: int) -> str:
    """Return the CSS class that says on which screens a column is shown."""
    priority = 0 if position == 0 else PRIORITIES.get(column.name, _WIDE + 1)
    return "always" if priority <= _ALWAYS else "wide" if priority <= _WIDE else "widest"


def column_of(name: str, measure: Measure, columns: tuple[Column, ...] = ()) -> Column:
    """Return how to show a record's measure: as its board does, or else by its own unit."""
    known = next((column for column in (*columns, *COLUMNS) if column.name == name), None)
    unit = "" if measure.unit == "share" else measure.unit
    return known or Column(name, measure_title(name), unit, measure.goal)


def paging(page: int, size: int, total: int) -> dict[str, int]:
    """Return what the links between pages need: the page, the last one, rows a page and rows in all."""
    return {"page": page, "last": max(-(-total // size), 1), "size": size, "total": total}
