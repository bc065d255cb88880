"""Notes, tags and archiving: kept in the ledger, and a record that is archived is on no board."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import run_bench
from harness.spec.errors import UserError
from leaderboards.boards.spec import BoardKey
from leaderboards.store import index, publishing
from tests.leaderboards.conftest import SHA, SPEC, MakeRecord

Run = Callable[..., Result]
Names = Callable[[], Sequence[str]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *words: CliRunner().invoke(run_bench.app, ["records", *words])


@pytest.fixture
def publish(home: Path, make_record: MakeRecord) -> Callable[..., str]:
    def published(*arguments: object, **changes: object) -> str:
        folder = make_record(*arguments, **changes)
        publishing.publish(home, folder, SPEC)
        return folder.name

    return published


@pytest.fixture
def on_board(home: Path) -> Names:
    """Return the records that the board shows."""

    def names() -> list[str]:
        board = index.page(
            index.open_index(home), BoardKey("cots", 1, "reef", "mini", SHA, "cpu", "single_stream")
        )
        return [row.record for row in board.rows] if board else []

    return names


def listed(run: Run, *words: str) -> dict[str, dict[str, object]]:
    told = run("list", "--json", *words)
    assert told.exit_code == 0, told.output
    return {row["record"]: row for row in json.loads(told.stdout)}


def test_notes_and_tags_are_kept_in_the_ledger(run: Run, publish: Callable[..., str], home: Path) -> None:
    first, second = publish("cnn", minute=1), publish("blob", 0.4, minute=2)
    assert run("note", "cnn", "smaller input").exit_code == 0
    assert run("tag", first[:6], "paper", "v2.1").exit_code == 0
    assert run("tag", "latest", "paper").exit_code == 0
    assert run("tag", first, "v2.1", "--remove").exit_code == 0
    rows = listed(run, "--tag", "paper")
    assert list(rows) == [second, first], "the latest comes first"
    assert (rows[first]["note"], rows[first]["tags"]) == ("smaller input", ["paper"])
    assert run("note", "cnn", "").exit_code == 0
    assert listed(run, "cots")[first]["note"] == ""
    assert listed(run, "another") == {}
    text = run("list").stdout
    assert first[:8] in text
    assert "paper" in text


def test_an_archived_record_leaves_its_row_to_the_next_best(
    run: Run, publish: Callable[..., str], on_board: Names, home: Path
) -> None:
    older, better = publish("cnn", 0.6, team="a", minute=1), publish("cnn", 0.8, team="a", minute=2)
    failed = publish("broken", status="failed", team="b", state="invalid", message="no answer", minute=3)
    assert on_board() == [better, failed]
    assert run("archive", better).exit_code == 0
    assert on_board() == [older, failed]
    assert "taken off" in run("archive", "--failed", "cots").stdout
    assert on_board() == [older]
    assert set(listed(run, "--archived")) == {better, failed}
    assert set(listed(run)) == {older}
    publishing.mend(home, lambda _: SPEC, whole_ledger=True)
    assert on_board() == [older], "an archived record is not taken for one that was never published"
    publishing.rebuild(home, index.open_index(home))
    assert on_board() == [older]
    assert run("archive", better, failed, "--restore").exit_code == 0
    assert on_board() == [better, failed]


def test_nothing_is_written_where_one_record_is_not_in_the_ledger(
    run: Run, publish: Callable[..., str], make_record: MakeRecord, home: Path
) -> None:
    kept, elsewhere = publish("cnn"), make_record("other", home=home / "elsewhere")
    records = [publishing.read_record(folder) for folder in (home / "records" / kept, elsewhere)]
    with pytest.raises(UserError, match="is not in the ledger; 'boards rebuild'"):
        publishing.annotate(home, records, lambda before: type(before)(note="both"))
    assert listed(run)[kept]["note"] == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("note", "nowhere", "text"), "there is no record 'nowhere'; 'records list' shows"),
        (("tag", "latest", "two words"), "'two words' is no tag: write at most 50 letters"),
        (("tag", "latest", ""), "'' is no tag"),
        (("note", "latest", "x" * 2001), "the note has 2,001 characters; at most 2,000"),
        (("archive",), "name a record, or a task with --failed"),
        (("archive", "--failed", "nothing"), "no record of 'nothing' failed or is invalid"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, publish: Callable[..., str], words: Sequence[str], said: str
) -> None:
    publish("cnn")
    told = run(*words)
    assert isinstance(told.exception, UserError)
    assert said in str(told.exception)


def test_records_are_compared_in_a_home_that_cannot_be_written(
    run: Run, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise UserError("the home cannot be written")

    pair = publish("cnn", ratio=2.0), publish("blob", 0.4, ratio=1.0)
    monkeypatch.setattr("commands.comparing.check_home", refused)
    told = CliRunner().invoke(run_bench.app, ["compare", *pair])
    assert told.exit_code == 3, told.exception
    assert "verdict: slower" in told.stdout
    assert f"page: http://127.0.0.1:8765/compare?a={pair[0]}&b={pair[1]}" in told.stdout


def test_a_home_without_a_ledger_has_no_notes(run: Run, home: Path, make_record: MakeRecord) -> None:
    make_record("cnn")
    shutil.rmtree(home / "ledger")
    assert [row["tags"] for row in listed(run).values()] == [[]]
    assert not (home / "ledger").exists(), "listing makes nothing"
