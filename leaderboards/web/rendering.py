"""Templates and how values are written in them. Everything is escaped; no Python here makes markup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness.record import Measure
from leaderboards.boards.columns import PRIORITIES, Column
from leaderboards.boards.names import plain
from leaderboards.boards.prizes import AWARD_MARKS
from leaderboards.boards.spec import BoardKey
from leaderboards.web.charts import scatter
from leaderboards.web.charts.intervals import bars
from leaderboards.web.numbers import number, p_shown

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

_ALWAYS, _WIDE = 2, 4
"""The largest priority of the columns that a phone shows, and of those that a tablet shows."""
_UNITS = {"ms", "mb", "s", "qps", "j"}


def render(name: str, **values: object) -> str:
    """One page."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
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
    }
    environment.globals |= {
        "marks": AWARD_MARKS,
        "prominence": prominence,
        "column_of": column_of,
        "bars_of": bars,
        "turn": scatter.TURN,
        "name_length": scatter.NAME,
    }
    return environment


def day(seconds: float) -> str:
    """A date: ``1 Mar 2026``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y")


def moment(started: str) -> str:
    """A record's start for people: ``1 Mar 2026, 14:05 UTC``."""
    return datetime.fromisoformat(started).astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def scope(key: BoardKey) -> str:
    """The data, profile and scenario of a board: what differs between boards of one task."""
    return plain(f"{key.data} {key.variant} · {key.profile} · {words(key.scenario)}", 120)


def words(name: str) -> str:
    """A name of the code as words."""
    return name.replace("_", " ")


def measure_title(name: str) -> str:
    """A measure's name without its unit, which stands beside it."""
    stem, _, end = name.rpartition("_")
    return plain(words(stem if end in _UNITS else name))


def query(held: Mapping[str, str], **changes: object) -> str:
    """The query of a link: what is held now with some of it changed; None takes a part out."""
    parts = {**held, **{name: str(value) for name, value in changes.items() if value is not None}}
    kept = {name: value for name, value in parts.items() if changes.get(name, "") is not None}
    return f"?{urlencode(kept)}" if kept else "?"


def prominence(column: Column, position: int) -> str:
    """The class that says from which width of a screen on a column is shown."""
    priority = 0 if position == 0 else PRIORITIES.get(column.name, _WIDE + 1)
    return "always" if priority <= _ALWAYS else "wide" if priority <= _WIDE else "widest"


def column_of(name: str, measure: Measure, columns: tuple[Column, ...] = ()) -> Column:
    """How to show a record's measure: as its board does, or by its own unit where the board has no such."""
    known = next((column for column in columns if column.name == name), None)
    return known or Column(
        name, measure_title(name), "" if measure.unit == "share" else measure.unit, measure.goal
    )
