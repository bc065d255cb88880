"""Bad inputs and broken homes: no traceback, the right exit code, the file and the cure, nothing lost."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import run_bench
from commands import home as homes
from harness import ROOT
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import publishing

TINY = "tests/fixtures/tiny/task.py"
Arrange = Callable[[Path, Path], object]


@dataclass(frozen=True)
class Case:
    """What is broken by ``arrange(home, other)``, what is typed, the exit code and what must be said.

    ``{home}`` and ``{other}`` in words, messages and variables are the two folders.
    """

    words: str
    code: int
    said: tuple[str, ...]
    arrange: Arrange = lambda home, other: None
    variables: dict[str, str] = field(default_factory=dict)


def put(name: str, content: bytes = b"garbage") -> Arrange:
    """Replace a file or folder of the home by a file."""

    def arrange(home: Path, other: Path) -> None:
        path = home / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return arrange


def cut(name: str) -> Arrange:
    """Cut a file of the home in half."""
    return lambda home, other: (home / name).write_bytes(
        (home / name).read_bytes()[: (home / name).stat().st_size // 2]
    )


def folder(name: str) -> Arrange:
    """Put an empty folder in the place of a file of the home."""

    def arrange(home: Path, other: Path) -> None:
        (home / name).unlink(missing_ok=True)
        (home / name).mkdir()

    return arrange


def gone(name: str) -> Arrange:
    return lambda home, other: (home / name).unlink()


def record(content: bytes) -> Arrange:
    """Add a record folder that cannot be read."""

    def arrange(home: Path, other: Path) -> None:
        (home / "records" / "ab12cd34ef56").mkdir()
        (home / "records" / "ab12cd34ef56" / "record.json").write_bytes(content)

    return arrange


def given(name: str, content: bytes | str = b"") -> Arrange:
    """Write a file of the user's own, in the folder ``{other}``."""

    def arrange(home: Path, other: Path) -> None:
        path = other / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return arrange


def linked(home: Path, other: Path) -> None:
    (other / "entry").mkdir()
    (other / "entry" / "submission.py").symlink_to("/etc/passwd")


def piped(home: Path, other: Path) -> None:
    os.mkfifo(other / "entry.py")


def taped(home: Path, other: Path) -> None:
    with tarfile.open(other / "entry.tar.gz", "w:gz") as tape:
        tape.add("/etc/hostname", "../outside")


COCO = "val/annotations/instances_val2017.json"
REBUILT = ("2 records on 1 board",)
CASES = {
    # A damaged index is said by every command, and made again by one of them.
    "index garbage, board": Case(
        "board cots", 2, ("{home}/index.db", "not a database", "'boards rebuild'"), put("index.db")
    ),
    "index garbage, rebuild": Case(
        "boards rebuild", 0, (*REBUILT, "moved to {home}/index.db.damaged"), put("index.db")
    ),
    "index cut, board": Case("board cots", 2, ("{home}/index.db", "'boards rebuild'"), cut("index.db")),
    "index cut, rebuild": Case("boards rebuild", 0, REBUILT, cut("index.db")),
    "index empty, board": Case(
        "board cots", 2, ("2 records are not on the boards; 'boards rebuild'",), put("index.db", b"")
    ),
    "index empty, rebuild": Case("boards rebuild", 0, REBUILT, put("index.db", b"")),
    "index a folder, board": Case(
        "board cots", 2, ("no records of cots", "boards rebuild"), folder("index.db")
    ),
    "index a folder, rebuild": Case("boards rebuild", 0, REBUILT, folder("index.db")),
    "index gone, board": Case(
        "board cots", 2, ("2 records are not on the boards; 'boards rebuild'",), gone("index.db")
    ),
    "index gone, rebuild": Case("boards rebuild", 0, REBUILT, gone("index.db")),
    "index garbage, serve": Case(
        "serve --no-worker --port {port}",
        2,
        ("{home}/index.db", "not a database", "'boards rebuild'"),
        put("index.db"),
    ),
    "index cut, serve": Case(
        "serve --no-worker --port {port}", 2, ("{home}/index.db", "'boards rebuild'"), cut("index.db")
    ),
    "index empty, serve": Case(
        "serve --no-worker --port {port}", 0, ("serving http://127.0.0.1:{port}/",), put("index.db", b"")
    ),
    "index a folder, serve": Case(
        "serve --no-worker --port {port}", 2, ("{home}/index.db",), folder("index.db")
    ),
    "index gone, serve": Case(
        "serve --no-worker --port {port}", 0, ("serving http://127.0.0.1:{port}/",), gone("index.db")
    ),
    "ledger garbage, index gone, serve": Case(
        "serve --no-worker --port {port}",
        0,
        ("{home}/ledger/mlflow.db", "Nothing is lost", "serving http://127.0.0.1:{port}/"),
        lambda home, other: (put("ledger/mlflow.db")(home, other), gone("index.db")(home, other)),
    ),
    "index url nonsense": Case(
        "board cots",
        2,
        ("PHOTOFINISH_INDEX_URL", "nonsense"),
        variables={"PHOTOFINISH_INDEX_URL": "nonsense"},
    ),
    "index url unknown kind": Case(
        "board cots", 2, ("PHOTOFINISH_INDEX_URL",), variables={"PHOTOFINISH_INDEX_URL": "foo://bar"}
    ),
    "index url out of reach": Case(
        "board cots",
        2,
        ("PHOTOFINISH_INDEX_URL",),
        variables={"PHOTOFINISH_INDEX_URL": "postgresql://127.0.0.1:9/x"},
    ),
    # A damaged ledger, and one out of reach: records stay.
    "ledger garbage": Case(
        "boards rebuild",
        2,
        ("{home}/ledger/mlflow.db", "move it away", "Nothing is lost"),
        put("ledger/mlflow.db"),
    ),
    "ledger cut": Case(
        "boards rebuild", 2, ("{home}/ledger/mlflow.db", "Nothing is lost"), cut("ledger/mlflow.db")
    ),
    "ledger a folder": Case("boards rebuild", 2, ("{home}/ledger/mlflow.db",), folder("ledger/mlflow.db")),
    "ledger gone": Case("boards rebuild", 0, REBUILT, gone("ledger/mlflow.db")),
    "ledger folder a file": Case("boards rebuild", 2, ("{home}/ledger",), put("ledger")),
    "ledger lock a folder": Case(
        "boards rebuild", 2, ("{home}/ledger/mlflow.db",), folder("ledger/mlflow.db-lock")
    ),
    "server nonsense": Case(
        "boards rebuild",
        2,
        ("the ledger foo://x", "MLFLOW_TRACKING_URI"),
        variables={"MLFLOW_TRACKING_URI": "foo://x"},
    ),
    # Records that cannot be read are named and skipped.
    "record garbage, rebuild": Case(
        "boards rebuild", 0, (*REBUILT, "ab12cd34ef56/record.json"), record(b"garbage")
    ),
    "record garbage, show": Case(
        "show ab12", 2, ("ab12cd34ef56/record.json", "not a record", "move it away"), record(b"garbage")
    ),
    "record empty": Case("show ab12", 2, ("ab12cd34ef56/record.json",), record(b"")),
    "record nested": Case("show ab12", 2, ("ab12cd34ef56/record.json",), record(b"[" * 100_000)),
    "record of the future": Case(
        "show ab12", 2, ("schema 99", "update Photofinish"), record(b'{"schema": 99}')
    ),
    "record of nothing": Case("show ab12", 2, ("ab12cd34ef56/record.json",), record(b'{"schema": 2}')),
    "record binary": Case("show ab12", 2, ("ab12cd34ef56/record.json",), record(bytes(range(256)))),
    "records a file": Case(
        "board cots",
        0,
        (),
        lambda home, other: (shutil.move(home / "records", other), put("records")(home, other)),
    ),
    # Homes that cannot be used.
    "home a file": Case(
        "data {tiny}",
        2,
        ("{other}/home", "PHOTOFINISH_HOME names another folder"),
        given("home"),
        {"PHOTOFINISH_HOME": "{other}/home"},
    ),
    "home below a file": Case(
        "data {tiny}", 2, ("{other}/home/deep",), given("home"), {"PHOTOFINISH_HOME": "{other}/home/deep"}
    ),
    "home not writable": Case(
        "data {tiny}",
        2,
        ("/proc/photofinish", "PHOTOFINISH_HOME"),
        variables={"PHOTOFINISH_HOME": "/proc/photofinish"},
    ),
    "home a file, run": Case(
        "run {tiny} honest", 2, ("{other}/home",), given("home"), {"PHOTOFINISH_HOME": "{other}/home"}
    ),
    "home a file, board": Case(
        "board cots",
        2,
        ("the home {other}/home is not a folder", "PHOTOFINISH_HOME"),
        given("home"),
        {"PHOTOFINISH_HOME": "{other}/home"},
    ),
    "home a file, rebuild": Case(
        "boards rebuild", 2, ("{other}/home",), given("home"), {"PHOTOFINISH_HOME": "{other}/home"}
    ),
    "data a file": Case("data {tiny}", 2, ("{home}/data",), put("data")),
    # Wrong words.
    "unknown task": Case("run cost", 2, ("did you mean 'cots'?",)),
    "unknown profile": Case("board cots --profile egde", 2, ("did you mean 'edge'?",)),
    "unknown scenario": Case("board cots --scenario offlin", 2, ("did you mean 'offline'?",)),
    "unknown isolation": Case("run {tiny} honest --isolation glass", 2, ("glass",)),
    "unknown record": Case("show ffff", 2, ("unknown record",)),
    "negative seed": Case("run cots --seed -1", 2, ("--seed",)),
    "two forms": Case("board cots --json --markdown", 2, ("--json and --markdown cannot be combined",)),
    "final of an open board": Case("board cots --final", 2, ("this board is open",)),
    "shipped team": Case("run {tiny} honest --team Photofinish", 2, ("choose another name",)),
    "no request": Case("evaluate {other}/none.json", 2, ("{other}/none.json",)),
    "garbage request": Case("evaluate {other}/r.json", 2, ("{other}/r.json",), given("r.json", "{")),
    # Submissions that are none.
    "submission missing": Case("run {tiny} {other}/x.py", 2, ("no submission at {other}/x.py",)),
    "submission a text": Case("run {tiny} {other}/x.txt", 2, ("x.txt is no submission",), given("x.txt")),
    "submission an empty folder": Case("run {tiny} {other}/x", 2, ("x is no submission",), given("x/y.txt")),
    "submission a link": Case("run {tiny} {other}/entry", 2, ("is a link or a device",), linked),
    "submission a pipe": Case(
        "run {tiny} {other}/entry.py", 2, ("{other}/entry.py is neither a file nor a folder",), piped
    ),
    "archive garbage": Case(
        "run {tiny} {other}/x.zip", 2, ("x.zip cannot be unpacked",), given("x.zip", b"PK\3\4garbage")
    ),
    "archive that leads out": Case("run {tiny} {other}/entry.tar.gz", 2, ("leads out of it",), taped),
    # Data that are none.
    "from nowhere": Case("data segmentation --from {other}/none", 2, ("{other}/none",)),
    "from empty annotations": Case(
        "data segmentation --from {other}/val", 2, ("instances_val2017.json is no JSON",), given(COCO)
    ),
    "from other annotations": Case(
        "data segmentation --from {other}/val",
        2,
        ("instances_val2017.json is not in COCO's format",),
        given(COCO, "{}"),
    ),
    "from a folder without a table": Case("data cots --from {other}", 2, ("has no train.csv",)),
    "from an empty table": Case("data cots --from {other}", 2, ("{other}/train.csv",), given("train.csv")),
    "from empty clicks": Case(
        "data recommender --from {other}", 2, ("{other}/train.txt is empty",), given("train.txt")
    ),
    "from short clicks": Case(
        "data recommender --from {other}",
        2,
        ("{other}/train.txt: line 1 has 1 columns",),
        given("train.txt", "1\n"),
    ),
    "from binary census": Case(
        "data recommender --from {other}", 2, ("{other}/adult.csv",), given("adult.csv", bytes(range(256)))
    ),
    "from a schema of nothing": Case(
        "data recommender --from {other}",
        2,
        ("schema.json",),
        lambda home, other: (
            given("schema.json", "[]")(home, other),
            given("train.parquet", b"x")(home, other),
        ),
    ),
    "from broken arrays": Case(
        "data ssl --from {other}/x.npz", 2, ("{other}/x.npz cannot be read",), given("x.npz", b"PK\3\4")
    ),
    "from no arrays": Case("data ssl --from {other}/none.npz", 2, ("{other}/none.npz",)),
    "from another archive": Case(
        "data ssl --data cifar10 --from {other}/x.tar.gz", 2, ("{other}/x.tar.gz",), given("x.tar.gz")
    ),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def broken(home: Path, make_record, cots_spec: BoardSpec, tmp_path: Path) -> tuple[Path, Path]:
    """A home with two published records, and an empty folder beside it."""
    for name, value in (("cnn", 0.7), ("blob", 0.5)):
        publishing.publish(home, make_record(name, value), cots_spec)
    for database in (home / "index.db", home / "ledger" / "mlflow.db"):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # Elsewhere no connection of this process is open: files are damaged while no process uses them.
    used = Path(shutil.copytree(home, tmp_path / "used", ignore=shutil.ignore_patterns("*-wal", "*-shm")))
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
    monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: None)  # "serve" ends at once
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("PHOTOFINISH_HOME", str(home))
    for variable, value in case.variables.items():
        monkeypatch.setenv(variable, value.format(**names))
    monkeypatch.setattr(sys, "argv", ["run_bench.py", *case.words.format(**names).split()])
    with pytest.raises(SystemExit) as end:
        run_bench.main()
    printed = capfd.readouterr()
    said = " ".join((printed.out + printed.err).split())
    assert "Traceback" not in said
    assert end.value.code == case.code, said
    for message in case.said:
        assert message.format(**names) in said, said
    records = home / "records" if (home / "records").is_dir() else other / "records"
    assert (
        kept.items()
        <= {path.parent.name: path.read_bytes() for path in records.glob("*/record.json")}.items()
    )


def test_an_empty_home_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOFINISH_HOME", "")
    assert homes.home() == ROOT / ".photofinish"


def test_sixty_cases() -> None:
    assert len(CASES) >= 60
