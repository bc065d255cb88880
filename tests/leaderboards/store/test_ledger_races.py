"""One record logged by two processes at once, also from two homes, leaves one run in every kind of store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.spec.errors import UserError
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import ledger
from leaderboards.store.ledger import lock

ROOT = Path(__file__).parents[3]
LOG = """
import sys
from pathlib import Path
from leaderboards.store.ledger import log, open_ledger
home, folder = map(Path, sys.argv[1:])
opened = open_ledger(home)
print("ready", flush=True)
sys.stdin.readline()
print(log(opened, folder))
"""


STORES = ("sqlite", "postgresql", "server")


@pytest.fixture(params=["home", *(pytest.param(store, marks=pytest.mark.slow) for store in STORES)])
def shared(
    request: pytest.FixtureRequest, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """Two homes of one store: the same folder twice, or two folders with a store that both name."""
    if request.param == "home":
        return home, home
    if request.param == "server":
        request.getfixturevalue("server")
    else:
        url = f"sqlite:///{home}/ledger/mlflow.db"
        if request.param == "postgresql":
            url = request.getfixturevalue("new_database")("ledger")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    return tmp_path / "one", tmp_path / "two"


@pytest.mark.slow
def test_two_processes_leave_one_run(shared: tuple[Path, Path], make_record) -> None:
    folder = make_record("logged at once", 0.7)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LOG, str(home), str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        for home in shared
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        logged = {process.communicate(timeout=60)[0].strip() for process in processes}
    finally:
        for process in processes:
            process.kill()
            process.wait()
    opened = ledger.open_ledger(shared[1])
    experiment = opened.client.get_experiment_by_name("cots").experiment_id
    (run,) = opened.client.search_runs([experiment], f"tags.`photofinish.record` = '{folder.name}'")
    assert run.data.tags[ledger.COMPLETE] == folder.name
    assert run.info.run_id in logged
    assert [entry.record.id for entry in ledger.records(opened)].count(folder.name) == 1


def test_runs_that_were_logged_twice_count_once_and_become_one(
    home: Path, make_record, cots_spec: BoardSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two clients of a server without a lock leave them, when both find no run and both begin one."""
    folder, opened = make_record("cnn", 0.7), ledger.open_ledger(home)
    with monkeypatch.context() as patch:
        patch.setattr("leaderboards.store.ledger.writing.runs_with", lambda *_: iter(()))
        run_ids = {ledger.log(opened, folder, cots_spec) for _ in range(2)}
    assert len(run_ids) == 2
    assert len(list(ledger.records(opened))) == 1
    assert ledger.log(opened, folder, cots_spec) == min(run_ids)
    (run,) = opened.client.search_runs([opened.client.get_experiment_by_name("cots").experiment_id])
    assert run.info.run_id == min(run_ids)


def test_a_lock_that_is_never_freed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_WAIT_S", 0.1)
    url = f"sqlite:///{tmp_path}/mlflow.db"
    with (
        lock.exclusive(url),
        pytest.raises(UserError, match="locked by another process"),
        lock.exclusive(url),
    ):
        pass
    with lock.exclusive(url):
        pass


def test_the_lock_of_postgresql_holds_for_one_name(new_database, monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_database("lock")
    with lock.exclusive(url, "a"), lock.exclusive(url, "b"):
        monkeypatch.setattr(lock, "_WAIT_S", 0.1)
        with pytest.raises(UserError, match="locked by another process"), lock.exclusive(url, "a"):
            pass
    with lock.exclusive(url, "a"):
        pass
