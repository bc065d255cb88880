"""Databases and servers of the tests' own: PostgreSQL, and an MLflow tracking server."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench import postgres
from harness.record import read_record
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import index
from tests.leaderboards.store.made import Candidates, made_candidate


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    lacking = postgres.missing()
    if lacking:
        pytest.skip(lacking)
    with postgres.server() as url:
        yield url


@pytest.fixture
def new_database(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Make an empty PostgreSQL database and return its address; it is dropped after the test."""
    engine = sa.create_engine(
        postgres_server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    made: list[str] = []

    def new(name: str) -> str:
        made.append(name)
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        return engine.url.set(database=name).render_as_string()

    yield new
    with engine.connect() as connection:
        for name in made:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="module")
def starting_server(
    empty_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """A real tracking server that keeps artifacts itself, with an empty store for each file of tests."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(empty_store / "ledger" / "mlflow.db", folder / "server.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": "1",
        "--backend-store-uri": f"sqlite:///{folder}/server.db",
        "--artifacts-destination": str(folder / "artifacts"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *(word for pair in options.items() for word in pair)],
        cwd=folder,
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process, folder
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def server(
    starting_server: tuple[str, subprocess.Popen[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of the tracking server that ``MLFLOW_TRACKING_URI`` names."""
    address, process, folder = starting_server
    _wait(f"{address}/health", process)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    return folder


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1800):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server did not answer in three minutes")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sa.Engine]:
    """An empty index in each kind of database."""
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("PHOTOFINISH_INDEX_URL", request.getfixturevalue("new_database")("index"))
    engine = index.open_index(tmp_path)
    index.rebuild(engine, [])
    yield engine
    engine.dispose()


@pytest.fixture
def candidates(make_record, cots_spec: BoardSpec) -> Candidates:
    """Return a factory of records that never were on disk, of all kinds of standing and many equal values."""
    template = read_record(make_record())

    def make(count: int, seed: int = 0, teams: int = 1000) -> list[index.Candidate]:
        random_ = random.Random(seed)
        return [made_candidate(template, cots_spec, random_, number, teams) for number in range(count)]

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, which ``PHOTOFINISH_INDEX_URL`` names."""
    if request.param == "postgresql":
        url = str(request.getfixturevalue("new_database")("versions"))
    else:
        url = f"sqlite:///{tmp_path}/index.db"
    monkeypatch.setenv("PHOTOFINISH_INDEX_URL", url)
    return url


@pytest.fixture
def open_index(url: str, tmp_path: Path) -> Iterator[Callable[[], sa.Engine]]:
    engines: list[sa.Engine] = []

    def opened() -> sa.Engine:
        engines.append(index.open_index(tmp_path))
        return engines[-1]

    yield opened
    for engine in engines:
        engine.dispose()
