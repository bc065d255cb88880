"""A small home worth looking at, and its application."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from harness.record import Measure, read_record
from leaderboards.boards import closing
from leaderboards.boards.board import Board
from leaderboards.boards.spec import BoardSpec, PrizeRules
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index, publishing
from leaderboards.web.app import create_app
from tests.leaderboards.web.site import KEY, Close, Site, furnish


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test leaves the home that all later ones begin with."""
    return tmp_path_factory.mktemp("site") / "home"


@pytest.fixture
def engine(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """The index of a home that is empty, or a copy of the one kept."""
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    if kept.exists():
        shutil.copytree(kept, tmp_path / "home")
    engine = index.open_index(tmp_path / "home")
    yield engine
    engine.dispose()


@pytest.fixture
def site(
    make_record: Callable[..., Path], engine: sa.Engine, tmp_path: Path, kept: Path, cots_spec: BoardSpec
) -> Site:
    records: dict[str, str] = {}
    spec = replace(cots_spec, prize=PrizeRules(0.4))

    def add(*args: object, spec: BoardSpec = spec, **more: object) -> str:
        folder = make_record(*args, **more)
        record = read_record(folder)
        if record.status == "ok":
            furnish(folder, record.metrics["latency_p50_ms"].value or 1.0)
        archive = folder / "bootstrap.npz"
        draws = BootstrapDraws.of(archive.read_bytes(), spec.metric.name) if archive.exists() else None
        index.add(engine, index.Candidate(record, spec, draws))
        records[record.submission.name] = record.id
        return record.id

    home = tmp_path / "home"
    if not kept.exists():
        fill(add)
        engine.dispose()
        shutil.copytree(home, kept)
    for path in home.glob("records/*/record.json"):
        records[read_record(path.parent).submission.name] = path.parent.name
    return Site(home, TestClient(create_app(home)), KEY.id, records, add)


def fill(add: Callable[..., str]) -> None:
    """Seven rows on the main board, one on each of two others."""
    add("blob", 0.40, team="photofinish", ratio=1.0, memory=40, minute=0)
    add("cnn", 0.712, team="photofinish", ratio=0.7, memory=120, minute=1)
    add("slow", 0.60, team="museum", ratio=9.0, memory=900, minute=2)
    add("tracked", 0.78, team="photofinish", ratio=0.9, memory=140, minute=3)
    add("close", 0.779, team="reef watch", ratio=0.4, memory=80, minute=4)
    add("newcomer", 0.5, team="polyp", state="provisional", reasons=("a quick run",), minute=5)
    add("broken", team="nobody", status="failed", state="invalid", message="raised ValueError", minute=6)
    add("cnn on edge", 0.65, team="photofinish", profile="edge", ratio=0.8, minute=7)
    add("cnn on full", 0.61, team="photofinish", variant="full", minute=8)


@pytest.fixture
def shown(site: Site, engine: sa.Engine) -> Callable[[], Board]:
    """The main board as a value."""

    def read() -> Board:
        board = index.page(engine, KEY, 0, None)
        assert board is not None
        return board

    return read


@pytest.fixture
def close(site: Site, shown: Callable[[], Board], monkeypatch: pytest.MonkeyPatch) -> Close:
    """Close the main board with the private values given by entry; the ledger is left out."""

    def close_(values: dict[str, float]) -> closing.Final:
        board = shown()
        records = {row.record: read_record(site.home / "records" / row.record) for row in board.rows}
        ranked = [row for row in board.rows if row.entry.name in values]
        scored = {row.record: private(values[row.entry.name]) for row in ranked}
        final = closing.close(board, records, scored, "2026-04-01T12:00:00+00:00")
        monkeypatch.setattr("leaderboards.store.ledger.open_ledger", lambda home: None)
        monkeypatch.setattr("leaderboards.store.ledger.log_final", lambda *told: None)
        publishing.publish_final(site.home, final)
        return final

    return close_


def private(value: float) -> closing.PrivateScores:
    common = np.random.default_rng(0).normal(size=200)
    own = np.random.default_rng(int(1000 * value)).normal(size=200)
    draws = (value + 0.02 * (0.9 * common + 0.2 * own)).astype(np.float32)
    measure = Measure(value=value, low=value - 0.04, high=value + 0.04, unit="", goal="max")
    return closing.PrivateScores({"f2": measure}, BootstrapDraws(draws, 12))
