"""Tables as HTML. All text is escaped: names of entries are strangers' words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def number(value: float | None) -> str:
    """Format a number with four significant digits; a dash where there is none."""
    return "–" if value is None else f"{value:.4g}"


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], notes: Iterable[str]) -> str:
    """Lay out a titled table with notes below it."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    below = "".join(f"<li>{escape(note)}</li>" for note in notes)
    grid = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if heads else ""
    return f"<div><strong>{escape(title)}</strong>{grid}{f'<ul>{below}</ul>' if below else ''}</div>"
