"""Bad inputs and broken homes: no traceback, the right exit code, the file and the cure, nothing lost."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

import run_bench
from commands import home as homes
from harness import ROOT
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import publishing
from tests.leaderboards.broken import homes as broken_homes
from tests.leaderboards.broken import inputs

TINY = "tests/fixtures/tiny/task.py"
CASES = {**broken_homes.CASES, **inputs.CASES}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the home with two published records is kept; the first test makes it."""
    return tmp_path_factory.mktemp("whole") / "home"


@pytest.fixture
def broken(
    whole: Path, empty_store: Path, make_record, cots_spec: BoardSpec, tmp_path: Path
) -> tuple[Path, Path]:
    """A home with two published records, and an empty folder beside it."""
    if not whole.exists():
        shutil.copytree(empty_store, whole)
        for name, value in (("cnn", 0.7), ("blob", 0.5)):
            publishing.publish(whole, make_record(name, value, home=whole), cots_spec)
        for database in (whole / "index.db", whole / "ledger" / "mlflow.db"):
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # Elsewhere no connection of this process is open: files are damaged while no process uses them.
    used = Path(shutil.copytree(whole, tmp_path / "used", ignore=shutil.ignore_patterns("*-wal", "*-shm")))
    (tmp_path / "other").mkdir()
    return used, tmp_path / "other"


@pytest.mark.parametrize("name", CASES)
def test_no_traceback_but_the_file_and_the_cure(
    name: str,
    broken: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    case, (home, other) = CASES[name], broken
    names = {"home": str(home), "other": str(other), "tiny": TINY, "port": str(free_port())}
    kept = {path.parent.name: path.read_bytes() for path in home.glob("records/*/record.json")}
    case.arrange(home, other)
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    monkeypatch.setattr("leaderboards.web.server.run", lambda app, opened: None)  # "serve" ends at once
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("PHOTOFINISH_HOME", str(home))
    for variable, value in case.variables.items():
        monkeypatch.setenv(variable, value.format(**names))
    monkeypatch.setattr(sys, "argv", ["run_bench.py", *case.words.format(**names).split()])
    with pytest.raises(SystemExit) as end, monkeypatch.context() as patch:
        if "TMPDIR" in case.variables:  # the folder is looked for anew, and nowhere else
            patch.setattr(tempfile, "tempdir", None)
            patch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(other / "none")])
        run_bench.main()
    printed = capfd.readouterr()
    said = " ".join((printed.out + printed.err).split())
    assert "Traceback" not in said
    assert end.value.code == (2 if case.cure else 0), said
    for message in (*case.said, case.cure):
        assert message.format(**names) in said, said
    records = home / "records" if (home / "records").is_dir() else other / "records"
    assert (
        kept.items()
        <= {path.parent.name: path.read_bytes() for path in records.glob("*/record.json")}.items()
    )


def test_an_empty_home_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOFINISH_HOME", "")
    assert homes.home() == ROOT / ".photofinish"


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60
