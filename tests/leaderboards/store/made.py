"""Made-up candidates for boards, and all that an index holds."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import sqlalchemy as sa

from harness.record import Latency, Measure, Record
from leaderboards.boards.board import Board
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index

Candidates = Callable[..., list[index.Candidate]]
"""A factory: ``candidates(count, seed=0, teams=1000)``."""
Rows = dict[str, list[tuple[object, ...]]]


def made_candidate(
    template: Record, spec: BoardSpec, random_: random.Random, number: int, teams: int
) -> index.Candidate:
    value = round(random_.uniform(0.2, 0.9), 2)
    ratio = round(random_.uniform(0.2, 2.0), 2)
    state = random_.choices(("valid", "provisional", "invalid"), (7, 2, 1))[0]
    measured = {
        "f2": Measure(value=value, low=value - 0.1, high=value + 0.1, unit="", goal="max"),
        "latency_ratio": Measure(value=ratio, low=ratio * 0.98, high=ratio * 1.02, unit="x", goal="min"),
        "memory_peak_mb": Measure(value=float(random_.randrange(50, 500)), unit="MB", goal="min"),
    }
    changes = {
        "submission": template.submission.model_copy(
            update={"name": f"entry {number}", "team": f"team {random_.randrange(teams)}"}
        ),
        "validity": template.validity.model_copy(update={"state": state}),
        "metrics": {**template.metrics, **measured},
        "latency": Latency(
            log_mean=float(np.log(ratio)), standard_error=0.01, degrees_of_freedom=7.0, margin=None
        ),
        "started": f"2026-03-01T00:{number // 60 % 60:02}:{number % 60:02}+00:00",
    }
    record = template.model_copy(update=changes).sealed()
    common = np.random.default_rng(0).normal(size=100)
    own = np.random.default_rng(number).normal(size=100)
    return index.Candidate(record, spec, BootstrapDraws(value + 0.02 * common + 0.01 * own, 12))


def whole(engine: sa.Engine, some: index.Candidate) -> Board:
    board = index.page(engine, BoardKey.of(some.record), limit=None)
    assert board is not None
    return board


def everything(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """All that a database holds, in an order of its own."""
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
            for name, table in tables.tables.items()
        }


def with_columns(url: str) -> Rows:
    """All that a database holds, and in which columns."""
    engine = sa.create_engine(url)
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = {
            name: [tuple(table.c.keys()), *sorted(map(tuple, connection.execute(sa.select(table))), key=repr)]
            for name, table in tables.tables.items()
        }
    engine.dispose()
    return rows
