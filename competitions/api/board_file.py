"""The board as a file: CSV that a spreadsheet cannot take for formulas, packed as Kaggle does."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime

from competitions.standings.board import Board

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEAD = ("Rank", "TeamId", "TeamName", "LastSubmissionDate", "Score", "SubmissionCount")


def inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def board_csv(board: Board, digits: int) -> str:
    """Write a board as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(_lines(board, digits))
    return stream.getvalue()


def board_zip(board: Board, name: str, digits: int) -> bytes:
    """Pack a board's CSV."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}-publicleaderboard.csv", board_csv(board, digits))
    return packed.getvalue()


def _lines(board: Board, digits: int) -> Sequence[tuple[object, ...]]:
    return [
        (
            row.rank or "",
            row.team,
            inert(row.name),
            datetime.fromtimestamp(row.submitted, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            f"{row.score:.{digits}f}",
            row.entries,
        )
        for row in board.rows
    ]
