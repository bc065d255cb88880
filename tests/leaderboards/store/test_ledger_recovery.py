"""What is lost, cut short or kept elsewhere is mended from the ledger."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.record import Record, read_record
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index, ledger, publishing
from leaderboards.views.export import to_json

ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(home: Path) -> ledger.Ledger:
    return ledger.open_ledger(home)


def runs(store: ledger.Ledger) -> list:
    experiments = [experiment.experiment_id for experiment in store.client.search_experiments()]
    return list(store.client.search_runs(experiments))


def record_of(folder: Path) -> Record:
    return read_record(folder)


KILLED = """
import sys
from pathlib import Path
from leaderboards.store.ledger import log, open_ledger
home, folder = map(Path, sys.argv[1:])
ledger = open_ledger(home)
print("ready", flush=True)
log(ledger, folder)
"""


@pytest.mark.slow
def test_killed_while_logging_nothing_is_half_there_and_the_next_start_mends_it(
    home: Path, make_record, cots_spec: BoardSpec
) -> None:
    folder = make_record("cnn", 0.7)
    (folder / "images").mkdir()
    for number in range(300):
        (folder / "images" / f"{number}.png").write_bytes(bytes(1000))
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(home), str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        while len(list((home / "ledger").glob("artifacts/*/artifacts/images/*"))) < 150:
            assert process.poll() is None, "logging ended before it was killed"
            time.sleep(0.002)
    finally:
        process.kill()
        process.communicate()
    store = ledger.open_ledger(home)
    assert [run.data.tags.get(ledger.COMPLETE) for run in runs(store)] == [None]
    assert list(ledger.records(store)) == []

    assert publishing.mend(home, lambda record: cots_spec).logged == (folder,)
    assert [run.data.tags[ledger.COMPLETE] for run in runs(store)] == [folder.name]
    (entry,) = ledger.records(store)
    assert entry.fetch("images/299.png") == bytes(1000)
    board = index.page(index.open_index(home), BoardKey.of(entry.record))
    assert [row.entry.name for row in board.rows] == ["cnn"]
    assert publishing.mend(home, lambda record: cots_spec) == publishing.Leftovers((), {})


def test_a_record_in_the_ledger_but_not_on_its_board_is_put_there(
    store: ledger.Ledger, home: Path, make_record, cots_spec: BoardSpec
) -> None:
    folder = make_record("cnn", 0.7)
    ledger.log(store, folder, cots_spec)
    publishing.mend(home, lambda record: None)
    board = index.page(index.open_index(home), BoardKey.of(record_of(folder)))
    assert [row.entry.name for row in board.rows] == ["cnn"]


def test_a_board_rebuilt_from_the_ledger_is_the_same_to_the_byte(
    home: Path, make_record, cots_spec: BoardSpec
) -> None:
    made = [
        make_record(f"entry {n}", 0.5 + 0.01 * (7 * n % 10), team=f"team {n % 4}", ratio=1 + n / 20, minute=n)
        for n in range(8)
    ]
    made.append(make_record("quick", 0.8, state="provisional", minute=9))
    made.append(make_record("crash", status="failed", state="invalid", message="boom", minute=10))
    for folder in made:
        publishing.publish(home, folder, cots_spec)
    key = BoardKey.of(record_of(made[0]))
    before = to_json(index.page(index.open_index(home), key))
    assert len(json.loads(before)["rows"]) == 6
    for path in home.glob("index.db*"):
        path.unlink()
    shutil.rmtree(home / "records")
    engine = index.open_index(home)
    assert index.page(engine, key) is None
    assert publishing.rebuild(home, engine) == publishing.Rebuilt(10, (), ())
    assert to_json(index.page(engine, key)) == before


@pytest.mark.slow
def test_mlflow_says_nothing(home: Path, make_record) -> None:
    folder = make_record("cnn", 0.7)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home / "new"), str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"ready\n", b"")


@pytest.mark.slow
def test_a_remote_server_is_a_ledger_too(
    server: str, tmp_path: Path, make_record, cots_spec: BoardSpec
) -> None:
    here = tmp_path / "home"
    folders = [make_record("a", 0.7), make_record("b", 0.6)]
    for folder in folders:
        publishing.publish(here, folder, cots_spec)
    key = BoardKey.of(record_of(folders[0]))
    before = to_json(index.page(index.open_index(here), key))
    assert not (here / "ledger" / "mlflow.db").exists()
    assert [path.name for path in (server / "artifacts").rglob("rows.npz")] == ["rows.npz", "rows.npz"]

    elsewhere = tmp_path / "elsewhere"
    engine = index.open_index(elsewhere)
    assert publishing.rebuild(elsewhere, engine).records == 2
    assert to_json(index.page(engine, key)) == before
    (entry, _) = ledger.records(ledger.open_ledger(elsewhere))
    assert entry.fetch("plots/latency.png") == b"\x89PNG\r\n\x1a\n"
    assert entry.fetch("nothing.npz") is None
