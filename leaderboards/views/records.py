"""The records of a home in the terminal, with what people wrote beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.record import Record
from leaderboards.boards.annotation import Annotation
from leaderboards.boards.names import plain

_DIGITS = 8

Annotated = Sequence[tuple[Record, Annotation]]


def records_view(records: Annotated) -> RenderableType:
    """Lay out records for the terminal, in the order given."""
    if not records:
        return Text("There are no such records.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold cyan", pad_edge=False)
    for head in ("record", "started", "task"):
        table.add_column(head, no_wrap=True)
    for head in ("entry", "state", "tags and note"):
        table.add_column(head, overflow="fold")
    for record, annotation in records:
        started = datetime.fromisoformat(record.started).astimezone()
        table.add_row(
            record.id[:_DIGITS],
            f"{started:%Y-%m-%d %H:%M}",
            Text(plain(record.task, 40)),
            Text(plain(record.submission.name)),
            Text(_state(record)),
            _written(annotation),
        )
    return Padding(table, (1, 0, 1, 1), expand=False)


def as_values(records: Annotated) -> list[dict[str, Any]]:
    """Return records as values for JSON, in the order given."""
    return [
        {
            "record": record.id,
            "started": record.started,
            "task": record.task,
            "entry": record.submission.name,
            "team": record.submission.team,
            "status": record.status,
            "validity": record.validity.state,
            "tags": list(annotation.tags),
            "note": annotation.note,
            "archived": annotation.archived,
        }
        for record, annotation in records
    ]


def _state(record: Record) -> str:
    return record.validity.state if record.status == "ok" else record.status.replace("_", " ")


def _written(annotation: Annotation) -> Text:
    text = Text(" ".join(annotation.tags), style="cyan")
    if annotation.note:
        text.append(f"{' · ' if annotation.tags else ''}{plain(annotation.note, 400)}", style="default")
    return text
