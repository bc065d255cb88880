"""A home of record schema 1 (``tests/fixtures/schema1``): read, rebuilt, closed, rescored and shown.

Its ledger names artifacts in a folder that does not exist, as that of every home does that was moved.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import run_bench
from harness import ROOT
from harness.record import read_record, read_records
from harness.spec.errors import UnreadableRecord

FIXTURE = ROOT / "tests" / "fixtures" / "schema1"
EXPECTED: dict[str, Any] = json.loads((FIXTURE / "boards.json").read_text())
BOARDS = [command for command in EXPECTED if command.startswith("board ") and "--final" not in command]
FINAL = "board cots --data full --final --json"
Run = Callable[[str], Result]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema1")
    for name in ("home", "inputs"):
        with tarfile.open(FIXTURE / f"{name}.tar.xz") as box:
            box.extractall(folder, filter="data")
    task = (ROOT / "tests/fixtures/tiny/task.py").read_text()
    wrong = task.replace("(answer) == truth", "(answer) != truth")
    for name, text in (("tiny", task), ("tiny2", wrong), ("tiny3", wrong)):
        shutil.copytree(ROOT / "tests/fixtures/tiny", folder / "inputs" / name)
        version = f"version={name.removeprefix('tiny') or 1}"
        (folder / "inputs" / name / "task.py").write_text(text.replace("version=1", version))
    return folder


@pytest.fixture
def home(unpacked: Path, tmp_path: Path) -> Iterator[Path]:
    """The home in a folder of its own; the folder that its ledger names stays as it is: absent."""
    shutil.copytree(unpacked / "home", tmp_path / "home")
    yield tmp_path / "home"
    assert not Path("/srv/competition").exists()


@pytest.fixture
def run(home: Path, unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the fixture as it was run then."""
    monkeypatch.setenv("PHOTOFINISH_HOME", str(home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    monkeypatch.chdir(unpacked / "inputs")

    def command(words: str) -> Result:
        result = CliRunner().invoke(run_bench.app, words.split())
        assert result.exit_code == 0, result.exception
        return result

    return command


def essence(board: dict[str, Any]) -> list[dict[str, Any]]:
    """What may not change of a board: its rows in order, ranks, values, validity, prizes."""
    same = ("record", "entry", "team", "rank", "metrics", "status", "validity", "pareto", "prizes", "started")
    reason = "reason" if "reason" in board["rows"][0] else "why"
    return [{name: row[name] for name in same} | {"reason": row[reason]} for row in board["rows"]]


def test_every_record_says_what_it_said(home: Path, run: Run) -> None:
    stored = read_records(home / "records")
    assert (len(stored.records), stored.unreadable) == (43, {})
    for command, before in EXPECTED.items():
        if not command.startswith("show"):
            continue
        now = json.loads(run(command).stdout)
        gauges = before.pop("gauges")
        latency = {"log_mean": "latency_log_mean", "standard_error": "latency_log_se",
                   "degrees_of_freedom": "latency_df", "margin": "margin"}  # fmt: skip
        for new, old in latency.items():
            value = gauges.pop(old, None)
            assert now["latency"] is None or now["latency"][new] == value
        assert now.pop("rescored_from") == gauges.pop("rescored_from", None)
        assert now.pop("gauges") == gauges
        assert now.pop("processes") == before.pop("replicates")
        assert now["data"].pop("open") is None, "nobody said whether the data were open"
        assert now["isolation"].pop("level") == before["isolation"].pop("tier")
        assert (now.pop("schema"), before.pop("schema")) == (2, 1)
        assert (now.pop("latency") is None) == (before["metrics"].get("latency_ratio") is None)
        assert {name: now[name] for name in before} == before


@pytest.mark.parametrize("rebuilt", [False, True])
def test_every_board_is_the_same(home: Path, run: Run, rebuilt: bool) -> None:
    if rebuilt:
        shutil.rmtree(home / "records")
        shutil.rmtree(home / "closed")
        for path in home.glob("index.db*"):
            path.unlink()
        result = run("boards rebuild")
        assert (result.stdout, result.stderr.strip()) == ("43 records on 10 boards\n", "")
    for command in (*BOARDS, FINAL):
        result = run(command)
        assert result.stderr == ""
        now, before = essence(json.loads(result.stdout)), essence(EXPECTED[command])
        if rebuilt:
            # Prizes are decided anew, and a shared rank is not enough any more: fewer win, and nobody else.
            won = [[set(row.pop("prizes")) for row in rows] for rows in (now, before)]
            assert all(new <= old for new, old in zip(*won, strict=True)), command
            assert [set().union(*rows) for rows in won[:1]] == [set().union(*rows) for rows in won[1:]]
        assert now == before, command


def test_a_board_is_closed_again_with_the_same_result(home: Path, run: Run) -> None:
    (closed,) = (home / "closed").iterdir()
    closed.unlink()
    run("boards close cots --data full --from reef")
    assert essence(json.loads(run(FINAL).stdout)) == essence(EXPECTED[FINAL])
    run("boards rebuild")
    assert essence(json.loads(run(FINAL).stdout)) == essence(EXPECTED[FINAL])


def test_records_are_rescored_as_records_of_the_newest_schema(home: Path, run: Run) -> None:
    run("boards rescore tiny3/task.py")
    before = EXPECTED["board tiny2/task.py --json"]["rows"]
    after = json.loads(run("board tiny3/task.py --json").stdout)["rows"]
    shown = [
        [(row["entry"], row["rank"], row["metrics"], row["validity"]) for row in rows]
        for rows in (before, after)
    ]
    assert shown[0] == shown[1]
    for old, new in zip(before, after, strict=True):
        record = read_record(home / "records" / new["record"])
        assert record.rescored_from == old["record"]
        assert json.loads((home / "records" / record.id / "record.json").read_bytes())["schema"] == 2
    assert run("boards rebuild").stdout == "47 records on 11 boards\n"


def test_a_moved_home_goes_on(home: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("boards rescore tiny3/task.py")
    moved = home.rename(tmp_path / "another home")
    monkeypatch.setenv("PHOTOFINISH_HOME", str(moved))
    shutil.rmtree(moved / "records")
    assert run("boards rebuild").stdout == "47 records on 11 boards\n"
    assert not home.exists()


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["cut", "newer", "missing"])
def test_what_is_damaged_is_named_and_skipped(home: Path, run: Run, damage: str) -> None:
    record = EXPECTED["board cots --data full --json"]["rows"][0]["record"]
    copies = [home / "records" / record / "record.json"]
    copies += [
        path for path in home.glob("ledger/artifacts/*/artifacts/record.json") if record in path.read_text()
    ]
    assert len(copies) == 2
    for path in copies:
        if damage == "missing":
            path.unlink()
        elif damage == "cut":
            path.write_text(path.read_text()[:100])
        else:
            path.write_text(path.read_text().replace('"schema":1', '"schema":9'))
    result = run("boards rebuild")
    assert result.stdout == "42 records on 10 boards\n"
    assert f"skipped {copies[1]}: " in result.stderr
    in_folder = f"skipped {copies[0]}: "
    assert (in_folder in result.stderr) == (damage != "missing")
    board = run("board cots --data full --json")
    assert record not in board.stdout
    assert ("1 record is not on the boards" in board.stderr) == (damage != "missing")
    if damage != "missing":
        shown = CliRunner().invoke(run_bench.app, ["show", record])
        assert isinstance(shown.exception, UnreadableRecord)
        assert str(copies[0]) in str(shown.exception)
    for command in ("boards close cots --data full --from reef --again", "boards rescore tiny3/task.py"):
        assert (in_folder in run(command).stderr) == (damage != "missing")
