"""A board as CSV, JSON and Markdown, with the same rows and prizes as everywhere else."""

from __future__ import annotations

import csv
import io
import json
import re

from leaderboards.boards.board import Board, as_json
from leaderboards.boards.profile_table import ProfileTable
from leaderboards.boards.spec import OPEN_DATA

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$^:@/-])")


def to_json(board: Board) -> str:
    """Return one JSON document with everything the board holds."""
    return json.dumps(as_json(board), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def to_csv(board: Board) -> str:
    """Return one line a row, numbers unrounded; ``'`` is put before texts that look like a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    measures = [f"{column.name}{end}" for column in board.columns for end in ("", "_low", "_high")]
    writer.writerow(
        ["rank_label", "rank", "entry", "team", "role", *measures, "pareto", "prizes", "isolation", "status",
         "validity", "reason", "started", "record"]
    )  # fmt: skip
    for row in board.rows:
        cells = [row.cell(column.name) for column in board.columns]
        numbers = [number for cell in cells for number in (cell.value, cell.low, cell.high)]
        entry, state = row.entry, row.state
        before = (
            row.rank_label,
            row.rank,
            _text(entry.whole_name or entry.name),
            _text(entry.team),
            entry.role,
        )
        prizes, backend = " ".join(board.awards(row)), row.isolation.backend
        after = (prizes, backend, state.status, state.validity, state.reason, row.started, row.record)
        writer.writerow([*before, *numbers, int(row.pareto), *map(_text, after)])
    return out.getvalue()


def to_markdown(board: Board) -> str:
    """Return a table for a README or an issue, rounded as in the terminal, with prizes and notes below."""
    key, columns = board.key, board.columns
    heads = [f"{column.title} ({column.unit})" if column.unit else column.title for column in columns]
    lines = [
        f"### {_escaped(board.spec.title)}",
        "",
        _escaped(
            f"{key.task} v{key.version} · {key.data} {key.variant} · {key.profile}{board.suffix}"
            f" · {key.scenario}{f' · {OPEN_DATA}' if board.spec.open_data else ''}"
        ),
        "",
        _line(["#", "entry", *map(_escaped, heads), "isolation", "status"]),
        _line(["--:", ":--", *("--:" for _ in columns), ":--", ":--"]),
    ]
    for row in board.rows:
        name = " · ".join(_escaped(part) for part in (row.entry.name, row.entry.byline) if part)
        cells = [row.cell(column.name).shown(column) for column in columns]
        last = (_escaped(row.isolation.backend), _escaped(row.state.label))
        lines.append(_line([_escaped(row.rank_label), name, *cells, *last]))
    prizes = [
        f"- {prize.award}: {_escaped(prize.entry)}, {_escaped(prize.detail)}{_mark(prize.provisional)}"
        for prize in board.prizes
    ]
    notes = [f"- {_escaped(note)}" for note in board.notes]
    return "\n".join([*lines, *([""] if prizes or notes else []), *prizes, *notes]) + "\n"


def profile_table_to_markdown(table: ProfileTable) -> str:
    """Return models by profile and runtime as a table for a README or an issue."""
    lines = [
        f"### {_escaped(table.spec.title)}: queries per second · {_escaped(table.spec.metric.title)}",
        "",
        _escaped(f"{table.key.data} {table.key.variant} · {table.key.scenario}"),
        "",
        _line(["model", *(_escaped(" ".join(setting).strip()) for setting in table.settings)]),
        _line([":--", *("--:" for _ in table.settings)]),
    ]
    for model in table.models:
        cells = [
            " · ".join(filter(None, table.speed_and_score(model, setting))) for setting in table.settings
        ]
        lines.append(_line([_escaped(model), *cells]))
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _mark(provisional: bool) -> str:
    return " (provisional)" if provisional else ""
