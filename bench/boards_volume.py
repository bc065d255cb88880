"""A board of a million records, written straight into the tables as ``rebuild`` would leave it."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from harness.record import DataId, Isolation, Latency, Measure, Record, SubmissionId, ValidityResult
from leaderboards.boards.columns import COLUMNS, Column
from leaderboards.boards.records import row_of
from leaderboards.boards.rows import row_to_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import database, tables

SPEC = BoardSpec(
    "cots", 1, "Crown-of-thorns starfish",
    (Column("f2", "F2", "", "max"), Column("ap", "AP", "", "max"), *COLUMNS),
)  # fmt: skip
DRAWS, CLUSTERS, CHUNK = 1000, 40, 20_000


def record(number: int, value: float, ratio: float, team: str = "") -> Record:
    numbers = {
        "f2": Measure(value=value, low=value - 0.02, high=value + 0.02, unit="", goal="max"),
        "ap": Measure(value=value / 2, low=value / 2 - 0.02, high=value / 2 + 0.02, unit="", goal="max"),
        "latency_ratio": Measure(value=ratio, low=ratio * 0.98, high=ratio * 1.02, unit="x", goal="min"),
        "memory_peak_mb": Measure(value=100 + number % 400, unit="MB", goal="min"),
        **{
            name: Measure(value=10 * ratio, unit="ms", goal="min")
            for name in ("latency_p50_ms", "latency_p90_ms", "latency_p99_ms")
        },
        "throughput_qps": Measure(value=100 / ratio, unit="1/s", goal="max"),
        "build_s": Measure(value=0.5, unit="s", goal="min"),
        "size_mb": Measure(value=2.0, unit="MB", goal="min"),
    }
    return Record(
        task="cots", task_version=1, data=DataId(name="reef", variant="mini", sha256="d" * 64), profile="cpu",
        scenario="single_stream", quick=False,
        submission=SubmissionId(
            name=f"entry {number}", team=team, kind="python", sha256="a" * 64, size_bytes=1
        ),
        status="ok", validity=ValidityResult(state="valid"),
        isolation=Isolation(level=1, name="bubblewrap", safe=True),
        metrics=numbers, seed=0, processes=8, started="2026-03-01T00:00:00+00:00", seconds=10.0,
        latency=Latency(
            log_mean=float(np.log(ratio)), standard_error=0.01, degrees_of_freedom=7.0, margin=None
        ),
    ).sealed()  # fmt: skip


def fill(engine: sa.Engine, board: str, records: int, teams: int) -> None:
    """Write the tables as they are after ``records`` records, the first of each team being its best."""
    random = np.random.default_rng(0)
    common = random.normal(size=DRAWS).astype(np.float32)
    one = record(0, 0.5, 1.0)
    line = row_to_json(row_of(one, SPEC))
    key = BoardKey.of(one)
    with database.writing(engine) as connection:
        connection.execute(
            sa.insert(tables.BOARDS).values(
                id=board, task=key.task, version=key.version, data=key.data, variant=key.variant,
                sha256=key.sha256, profile=key.profile, scenario=key.scenario, spec=SPEC.to_json(),
                prizes="[]", latest=0.0, digest=0, records=records, rows=teams, ranked=teams, valid=teams,
            )
        )  # fmt: skip
        for start in range(0, records, CHUNK):
            numbers = range(start, min(start + CHUNK, records))
            values = random.normal(0.5, 0.1, len(numbers)).tolist()
            connection.execute(
                sa.insert(tables.RECORDS),
                [
                    {"id": f"r{n:015}", "board": board, "row_key": f"t{n % teams:015}", "validity": "valid",
                     "row": line.replace(one.id, f"r{n:015}").replace("entry 0", f"entry {n}"),
                     "value": value, "started": float(n)}
                    for n, value in zip(numbers, values, strict=True)
                ],
            )  # fmt: skip
            leading = [(n, value) for n, value in zip(numbers, values, strict=True) if n < teams]
            if leading:
                connection.execute(
                    sa.insert(tables.STANDINGS), [standing(board, n, value) for n, value in leading]
                )
                connection.execute(
                    sa.insert(tables.BOOTSTRAP_DRAWS),
                    [
                        {"record": f"r{n:015}", "clusters": CLUSTERS, "draws": draws(value, common, n)}
                        for n, value in leading
                    ],
                )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What autovacuum does on a server that lives longer; SQLite's VACUUM is another thing.
        connection.execute(sa.text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))


def standing(board: str, number: int, value: float) -> dict[str, object]:
    ratio = 0.2 + (number * 7919 % 10_007) / 5_000
    return {
        "board": board, "row_key": f"t{number:015}", "record": f"r{number:015}",
        "reference": 0, "unranked": 0, "valid": 1,
        "sort_key": -value, "started": float(number), "value": value, "ratio": ratio,
        "ratio_low": ratio * 0.98, "ratio_high": ratio * 1.02, "log_mean": float(np.log(ratio)),
        "log_se": 0.01, "log_df": 7.0, "margin": 0.02, "memory_mb": 100.0 + number % 400, "rank": None,
        "pareto": 0,
    }  # fmt: skip


def draws(value: float, common: np.ndarray, seed: int) -> bytes:
    own = np.random.default_rng(seed).normal(size=DRAWS).astype(np.float32)
    return BootstrapDraws(np.float32(value) + 0.02 * common + 0.01 * own, CLUSTERS).packed()
