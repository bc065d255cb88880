"""What is said after a run: the rank with its reason, doubts, places, and commands to type next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.record import read_record
from leaderboards.boards.board import Board
from leaderboards.views.after_run import after_run, rank_text

Texts = Callable[[Path], str]


@pytest.fixture
def entered(make_record, add: Callable[..., bool]) -> dict[str, Path]:
    made = {
        "best": make_record("best", 0.9, minute=0),
        "even": make_record("even", 0.5, minute=1),
        "level": make_record("level", 0.5, minute=2),
        "newer": make_record("newer", 0.3, team="reds", minute=3),
        "older": make_record("older", 0.2, team="reds", minute=4),
        "quick": make_record("quick", 0.1, state="provisional", reasons=("A quick run; run it again.",)),
        "broken": make_record("broken", status="failed", state="invalid", message="raised ValueError: boom"),
    }
    for folder in made.values():
        add(folder)
    return made


def test_a_rank_comes_with_its_reason(entered: dict[str, Path], cots: Callable[..., Board]) -> None:
    said = {name: rank_text(read_record(folder), cots(limit=None)) for name, folder in entered.items()}
    assert said == {
        "best": "1 of 5 by F2 0.900 [0.860, 0.940]",
        "even": "2 of 5 by F2 0.500 [0.460, 0.540]; no test tells it apart from level; behind best",
        "level": "2 of 5 by F2 0.500 [0.460, 0.540]; no test tells it apart from even; behind best",
        "newer": "4 of 5 by F2 0.300 [0.260, 0.340]; behind best, even, level",
        "older": "none: the board shows a better record of this team",
        "quick": "~5 of 5 by F2 0.100 [0.060, 0.140]; behind best, even, level and 1 more",
        "broken": "none: raised ValueError: boom",
    }


def test_a_provisional_rank_is_no_tie(
    make_record, add: Callable[..., bool], cots: Callable[..., Board]
) -> None:
    """A quick run is ranked among all, valid ones among themselves: both may read 1."""
    doubt = {"state": "provisional", "reasons": ("A quick run; run it again.",)}
    made = make_record("quick", 0.9, minute=0, **doubt), make_record("valid", 0.5, minute=1)
    for folder in made:
        add(folder)
    quick, valid = (rank_text(read_record(folder), cots(limit=None)) for folder in made)
    assert quick == "~1 of 2 by F2 0.900 [0.860, 0.940]"
    assert valid == "1 of 2 by F2 0.500 [0.460, 0.540]"


def test_what_to_do_next_is_said(entered: dict[str, Path], cots: Callable[..., Board]) -> None:
    folder = entered["quick"]
    lines = after_run(read_record(folder), folder, cots(limit=None), "cots")
    short, best = folder.name[:8], entered["best"].name[:8]
    assert lines[0] == ("record", folder.name)
    assert ("provisional", "A quick run; run it again.") in lines
    assert ("log", f"{folder}/log.txt") in lines
    assert ("page", f"http://127.0.0.1:8765/records/{folder.name} ('photofinish serve' shows it)") in lines
    assert [text.split("   ")[0] for title, text in lines[-4:]] == [
        f"photofinish show {short}",
        f"photofinish show {short} --worst 12",
        f"photofinish run cots {short}",
        f"photofinish compare {short} {best} --task cots",
    ]
    own = after_run(read_record(folder), folder, cots(), "mine.py", " --profile edge --from mine.parquet")
    assert any(f"run mine.py {short} --profile edge --from mine.parquet   " in text for _, text in own)
    failed = entered["broken"]
    assert not any("compare" in text for _, text in after_run(read_record(failed), failed, cots(), "cots"))
