"""Files say what the terminal says, and do no harm where they are opened."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from leaderboards.boards.board import Board, as_json
from leaderboards.views.export import to_csv, to_json, to_markdown
from leaderboards.views.terminal import show_board


@pytest.fixture
def board(make_record, add: Callable[..., bool], cots: Callable[..., Board]) -> Board:
    add(make_record("cnn", 0.712, team="photofinish", ratio=0.9))
    add(make_record("=SUM(A1)|*x*", 0.5, team="+reds", state="provisional", reasons=("@quick",)))
    add(make_record("<script>", status="failed", state="invalid", message="- boom"))
    return cots()


def lines(board: Board) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(board))))


def test_json_is_the_board(board: Board) -> None:
    assert json.loads(to_json(board)) == json.loads(json.dumps(as_json(board)))
    first = json.loads(to_json(board))["rows"][0]
    assert first["metrics"]["f2"] == {"value": 0.712, "low": 0.712 - 0.04, "high": 0.712 + 0.04}
    assert first["prizes"] == ["accuracy", "performance"]


def test_csv_has_every_number_unrounded(board: Board) -> None:
    first = lines(board)[0]
    assert (first["rank_label"], first["rank"], first["entry"]) == ("1", "1", "cnn")
    assert float(first["f2_low"]) == 0.712 - 0.04
    assert float(first["latency_ratio"]) == 0.9
    assert first["latency_p99_ms"] == ""


def test_csv_has_no_formula(board: Board) -> None:
    assert lines(board)[1]["entry"] == "'=SUM(A1)|*x*"
    assert lines(board)[1]["team"] == "'+reds"
    for row in csv.reader(io.StringIO(to_csv(board))):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
    assert lines(board)[2]["reason"] == "'- boom"


def test_markdown_is_one_table_in_which_names_are_text(board: Board) -> None:
    text = to_markdown(board)
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(table) == 2 + 3
    assert r"\=SUM" not in text
    assert r"=SUM\(A1\)\|\*x\*" in table[3]
    assert r"\<script\>" in table[4]
    assert "<script>" not in text
    assert len({line.replace(r"\|", "").count("|") for line in table}) == 1


def test_terminal_and_files_agree(board: Board) -> None:
    """Equal places, entries, values and prizes wherever the board is shown."""
    out = io.StringIO()
    show_board(board, Console(file=out, width=200))
    terminal = out.getvalue()
    markdown = to_markdown(board)
    held = json.loads(to_json(board))
    for row, line in zip(held["rows"], lines(board), strict=True):
        assert line["rank_label"] == row["rank_label"]
        assert line["entry"].removeprefix("'") == row["entry"]
        assert line["prizes"].split() == row["prizes"]
        for name, numbers in row["metrics"].items():
            assert (float(line[name]) if line[name] else None) == numbers["value"]
        value = row["metrics"]["f2"]["value"]
        printed = next(text for text in terminal.splitlines() if row["entry"] in text)
        assert printed.split()[0] == row["rank_label"]
        assert ("–" if value is None else f"{value:.3f}") in printed
        assert ("–" if value is None else f"{value:.3f}") in markdown
    assert [prize["entry"] for prize in held["prizes"]] == [prize.entry for prize in board.prizes]
