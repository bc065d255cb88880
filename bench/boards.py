"""How fast a board answers with a million records behind it, and MLflow's own search beside it.

    python -m bench.boards [sqlite] [mlflow] [postgresql] [--records 1000000] [--teams 100000] [--runs 10000]

What is timed are the functions that the command line and the pages call. Clients are threads of one
process, as in the server.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from bench import postgres
from bench.boards_volume import CLUSTERS, DRAWS, SPEC, draws, fill, record
from leaderboards.boards.columns import COLUMNS
from leaderboards.boards.spec import BoardKey
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import database, index
from leaderboards.store.standings import settle

CLIENTS, REQUESTS, ADDS = 8, 1000, 60
PARTS = ("sqlite", "mlflow", "postgresql")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; left out: all")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--teams", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=10_000, help="runs in MLflow (0: leave MLflow out)")
    wanted = parser.parse_args()
    unknown = set(wanted.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    os.environ.pop("PHOTOFINISH_INDEX_URL", None)
    parts = wanted.parts or PARTS
    with tempfile.TemporaryDirectory(prefix="boards-") as folder:
        home = Path(folder)
        if "sqlite" in parts:
            measure("SQLite", index.open_index(home), wanted.records, wanted.teams)
        if "mlflow" in parts and wanted.runs:
            measure_mlflow(home, wanted.runs)
    if "postgresql" in parts:
        if lacking := postgres.missing():
            print(f"PostgreSQL: left out, {lacking}")
            return
        with postgres.server() as url:
            os.environ["PHOTOFINISH_INDEX_URL"] = url
            measure("PostgreSQL", index.open_index(Path()), wanted.records, wanted.teams)


def measure(name: str, engine: sa.Engine, records: int, teams: int) -> None:
    key = BoardKey.of(record(0, 0.5, 1.0))
    with timed(f"{name}: {records:,} records of {teams:,} teams on one board written"):
        fill(engine, key.id, records, teams)
    with timed(f"{name}: ranks, prizes and front of the whole board"), database.writing(engine) as connection:
        settle(connection, key.id, SPEC)
    page = index.page(engine, key)
    assert page is not None
    assert page.total == teams
    report(f"{name}: first page, {CLIENTS} clients", clients(lambda: index.page(engine, key)))
    report(
        f"{name}: page in the middle, {CLIENTS} clients", clients(lambda: index.page(engine, key, teams // 2))
    )
    report(f"{name}: adding a record and seeing it ranked", list(adding(engine, key, teams)))
    engine.dispose()


def adding(engine: sa.Engine, key: BoardKey, teams: int) -> Iterator[float]:
    """Seconds from a record's arrival until the first page is there anew; half of the records enter it."""
    random = np.random.default_rng(1)
    common = random.normal(size=DRAWS).astype(np.float32)
    for number in range(ADDS):
        first = number % 2 == 0
        value = float(random.uniform(0.9, 1.0) if first else random.normal(0.5, 0.1))
        new = record(number, value, float(random.uniform(0.2, 2)), team=f"newcomer {number % 40}")
        candidate = index.Candidate(
            new, SPEC, BootstrapDraws(np.frombuffer(draws(value, common, number), "<f4"), CLUSTERS)
        )
        started = time.perf_counter()
        assert index.add(engine, candidate)
        page = index.page(engine, key)
        yield time.perf_counter() - started
        assert page is not None
        assert page.total > teams
        assert all(row.rank is not None for row in page.rows)


def clients(request: Callable[[], object]) -> list[float]:
    """Seconds of each of ``REQUESTS`` requests made by ``CLIENTS`` threads, one after the other in each."""
    taken: list[float] = []

    def work() -> None:
        for _ in range(REQUESTS // CLIENTS):
            started = time.perf_counter()
            request()
            taken.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def measure_mlflow(home: Path, runs: int) -> None:
    """The same question to MLflow: the fifty best runs by the metric that ranks."""
    from leaderboards.store.ledger import open_ledger

    os.environ.pop("MLFLOW_TRACKING_URI", None)
    client = open_ledger(home).client
    experiment = client.create_experiment("cots")
    store = sa.create_engine(f"sqlite:///{home}/ledger/mlflow.db")
    with timed(f"MLflow: {runs:,} runs written"):
        fill_mlflow(store, int(experiment), runs)

    def search() -> None:
        found = client.search_runs([experiment], order_by=["metrics.f2 DESC"], max_results=50)
        assert len(found) == 50

    for state in ("as it is", "after ANALYZE"):
        seconds = []
        for _ in range(5):
            started = time.perf_counter()
            search()
            seconds.append(time.perf_counter() - started)
        report(f"MLflow: search_runs, 50 best of {runs:,}, one client, {state}", seconds)
        with store.begin() as connection:
            connection.execute(sa.text("ANALYZE"))


def fill_mlflow(store: sa.Engine, experiment: int, runs: int) -> None:
    held = sa.MetaData()
    held.reflect(store, only=["runs", "latest_metrics", "params", "tags"])
    random = np.random.default_rng(0)
    ids = [uuid.UUID(bytes=random.bytes(16)).hex for _ in range(runs)]
    names = ("f2", "ap", *(column.name for column in COLUMNS))
    with store.begin() as connection:
        connection.execute(
            sa.insert(held.tables["runs"]),
            [{"run_uuid": run, "name": run, "experiment_id": experiment, "status": "FINISHED",
              "source_type": "LOCAL", "start_time": n, "end_time": n, "lifecycle_stage": "active",
              "artifact_uri": "", "user_id": "",
              "source_name": "", "entry_point_name": "", "source_version": ""}
             for n, run in enumerate(ids)],
        )  # fmt: skip
        connection.execute(
            sa.insert(held.tables["latest_metrics"]),
            [{"run_uuid": run, "key": name, "value": float(random.random()), "timestamp": 0, "step": 0,
              "is_nan": False}
             for run in ids for name in names],
        )  # fmt: skip
        for table, keys in (("params", 14), ("tags", 7)):
            connection.execute(
                sa.insert(held.tables[table]),
                [{"run_uuid": run, "key": f"key {k}", "value": "value"} for run in ids for k in range(keys)],
            )


@contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - started:.1f} s", flush=True)


def report(what: str, seconds: list[float]) -> None:
    p50, p99 = (float(np.quantile(seconds, q)) * 1e3 for q in (0.5, 0.99))
    print(f"{what}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {max(seconds) * 1e3:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
