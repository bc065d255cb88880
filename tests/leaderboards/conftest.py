"""Record folders as an evaluation leaves them, made small and without measuring anything."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from harness.record import (
    DataId,
    Isolation,
    Latency,
    Measure,
    Phase,
    Record,
    SubmissionId,
    Validity,
    ValidityResult,
    read_record,
)
from harness.spec.errors import Status
from leaderboards.boards.board import Board
from leaderboards.boards.columns import COLUMNS, Column
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index

CHECK_DATA = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[3] / "shared" / "data"))
REPLICATES = 200
CLUSTERS = 12
SHA = "d" * 64
SPEC = BoardSpec(
    task="cots",
    version=1,
    title="Crown-of-thorns starfish",
    columns=(
        Column("f2", "F2", "", "max", 3, "F2 score, pooled over frames."),
        Column("ap", "AP", "", "max", 3),
        Column("ap50", "AP50", "", "max", 3),
        *COLUMNS,
    ),
    description="Find every starfish. An answer is an array (n, 5): confidence x y width height.",
)

MakeRecord = Callable[..., Path]


@pytest.fixture(scope="session")
def cots_spec() -> BoardSpec:
    return SPEC


@pytest.fixture(scope="session")
def hits() -> dict[str, np.ndarray]:
    """Which images of CIFAR-10.1 each of 30 published models (Recht et al. 2018) names rightly."""
    folder = CHECK_DATA / "cifar10_1"
    if not folder.is_dir():
        pytest.skip(f"no check data at {folder}")
    labels = np.load(folder / "cifar10.1_v4_labels.npy")
    files = sorted((folder / "v4_predictions").glob("*_predictions.json"))
    answers = {file.name.removesuffix("_predictions.json"): json.loads(file.read_text()) for file in files}
    return {name: np.array(answer) == labels for name, answer in answers.items()}


@pytest.fixture
def make_record(tmp_path: Path) -> MakeRecord:
    """Return a factory of record folders below ``tmp_path/home/records``."""

    def make(
        name: str = "cnn",
        f2: float | None = 0.7,
        *,
        noise: float = 0.02,
        ratio: float = 1.0,
        team: str = "",
        status: Status = "ok",
        state: Validity = "valid",
        reasons: tuple[str, ...] = (),
        message: str = "",
        minute: int = 0,
        task: str = "cots",
        task_version: int = 1,
        variant: str = "mini",
        sha256: str = SHA,
        profile: str = "cpu",
        memory: float = 120.0,
        home: Path = tmp_path / "home",
    ) -> Path:
        metrics = {} if status != "ok" else _metrics(f2, noise, ratio, memory)
        record = Record(
            task=task,
            task_version=task_version,
            data=DataId(name="reef", variant=variant, sha256=sha256),
            profile=profile,
            scenario="single_stream",
            quick=state == "provisional",
            submission=SubmissionId(
                name=name,
                team=team,
                kind="python",
                sha256=hashlib.sha256(name.encode()).hexdigest(),
                size_bytes=2_000_000,
            ),
            reference=SubmissionId(
                name="blob", team="photofinish", kind="python", sha256="b" * 64, size_bytes=9
            ),
            status=status,
            message=message,
            validity=ValidityResult(state=state, reasons=reasons),
            isolation=Isolation(level=1, name="bubblewrap", safe=True),
            metrics=metrics,
            phases={"build": Phase(seconds=0.5, memory_peak_mb=80.0)},
            latency=Latency(
                log_mean=float(np.log(ratio)), standard_error=0.01, degrees_of_freedom=7.0, margin=None
            ),
            machine={"cpu": "two cores", "cores": 2},
            versions={"python": "3.11.4"},
            seed=0,
            processes=8,
            started=(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)).isoformat(),
            seconds=12.5,
        ).sealed()
        folder = home / "records" / record.id
        folder.mkdir(parents=True)
        (folder / "record.json").write_bytes(record.to_bytes())
        (folder / "log.txt").write_text("hello from the submission\n")
        if status == "ok":
            _write_arrays(folder, f2 or 0.0, noise)
        return folder

    return make


def _metrics(f2: float | None, noise: float, ratio: float, memory: float) -> dict[str, Measure]:
    def held(value: float | None, unit: str = "", goal: str = "min", spread: float = 0.0) -> Measure:
        bounds = {} if value is None or not spread else {"low": value - spread, "high": value + spread}
        return Measure(value=value, unit=unit, goal=goal, **bounds)  # type: ignore[arg-type]

    return {
        "f2": held(f2, goal="max", spread=2 * noise),
        "ap": held(0.4, goal="max", spread=0.05),
        "ap50": held(0.6, goal="max", spread=0.05),
        "latency_ratio": held(ratio, spread=0.02),
        "latency_p50_ms": held(10 * ratio, "ms"),
        "latency_p90_ms": held(12 * ratio, "ms"),
        "latency_p99_ms": held(None, "ms"),
        "throughput_qps": held(100 / ratio, "1/s", "max"),
        "memory_peak_mb": held(memory, "MB"),
        "build_s": held(0.5, "s"),
        "size_mb": held(2.0, "MB"),
        "cpu_s": held(3.0, "s"),
    }


def _write_arrays(folder: Path, f2: float, noise: float) -> None:
    """Replicates share their resamples over all records: the common part cancels in a pair's difference."""
    common = np.random.default_rng(0).normal(size=REPLICATES)
    own = np.random.default_rng(int(1000 * f2)).normal(size=REPLICATES)
    replicates = f2 + noise * (0.9 * common + 0.2 * own)
    np.savez(folder / "bootstrap.npz", f2=replicates.astype(np.float32), clusters=CLUSTERS)
    np.savez(
        folder / "rows.npz",
        id=np.array(["u1", "u2"]),
        cluster=np.array(["v1", "v1"]),
        tp=np.array([[1.0], [2.0]]),
    )
    np.savez(folder / "answers.npz", u1=np.zeros((1, 5)), u2=np.zeros((0, 5)))
    (folder / "latencies.csv").write_text("replicate,block,unit,who,ns\n0,0,u1,submission,10000000\n")
    (folder / "plots").mkdir()
    (folder / "plots" / "latency.png").write_bytes(b"\x89PNG\r\n\x1a\n")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose MLflow store is made and empty; making one costs seconds, copying it nothing."""
    from leaderboards.store.ledger import open_ledger

    home = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        open_ledger(home)
    return home


@pytest.fixture
def home(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home with an empty ledger."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    shutil.copytree(empty_store, tmp_path / "home", dirs_exist_ok=True)
    return tmp_path / "home"


@pytest.fixture
def add(tmp_path: Path, engine: sa.Engine) -> Callable[..., bool]:
    """Put the record of a folder on its board."""

    def add_(folder: Path, spec: BoardSpec = SPEC) -> bool:
        return index.add(engine, candidate(folder, spec))

    return add_


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """An empty index."""
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    engine = index.open_index(tmp_path / "home")
    yield engine
    engine.dispose()


def candidate(folder: Path, spec: BoardSpec = SPEC) -> index.Candidate:
    record = read_record(folder)
    archive = folder / "bootstrap.npz"
    draws = BootstrapDraws.of(archive.read_bytes(), spec.metric.name) if archive.exists() else None
    return index.Candidate(record, spec, draws)


@pytest.fixture
def cots(engine: sa.Engine) -> Callable[..., Board]:
    """The board ``cots`` of the fixtures' data, as it is now."""

    def read(**where: int) -> Board:
        key = BoardKey("cots", 1, "reef", "mini", SHA, "cpu", "single_stream")
        board = index.page(engine, key, **where)
        assert board is not None
        return board

    return read
