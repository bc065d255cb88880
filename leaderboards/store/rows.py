"""Rows of ``standings``: their order, their contenders, and how one of their columns is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from harness.record.latency import ReferenceTime
from harness.stats import Ratio
from leaderboards.ranking import BootstrapDraws, Contender, LatencyRatio, Parity, Spread
from leaderboards.store.tables import STANDINGS

IN_ORDER = (STANDINGS.c.unranked, STANDINGS.c.sort_key, STANDINGS.c.started, STANDINGS.c.record)
"""The order of a board, as ``ranking.Standing.board_order`` has it."""


def contender(row: sa.Row[Any], draws: BootstrapDraws | None = None) -> Contender:
    """Read the contender of a row that has a rank."""
    return Contender(
        id=row.record,
        started=row.started,
        value=row.value,
        draws=draws or (None if row.value_se is None else Spread(row.value_se, row.value_df)),
        latency=latency_of(row),
        memory_mb=row.memory_mb,
        validity="valid" if row.valid else "provisional",
        reference=bool(row.reference),
    )


def latency_of(row: sa.Row[Any]) -> LatencyRatio | None:
    """Read the time ratio of a row; None where it was not measured."""
    if row.ratio is None or row.log_mean is None:
        return None
    ratio = Ratio(row.ratio, row.ratio_low, row.ratio_high, row.log_mean, row.log_se, row.log_df)
    known = row.reference_ms is not None and row.machine is not None
    return LatencyRatio(ratio, row.margin, ReferenceTime(row.reference_ms, row.machine) if known else None)


def parity(row: sa.Row[Any]) -> Parity | None:
    """Read whether a row is as good as its leader; None where that is not known."""
    return Parity(**json.loads(row.parity)) if row.parity else None


def write(
    connection: sa.Connection, column: str, changed: Sequence[tuple[sa.Row[Any], int | str | None]]
) -> None:
    """Write one column of some rows, each with its new value."""
    if not changed:
        return
    key = sa.and_(STANDINGS.c.board == sa.bindparam("of"), STANDINGS.c.row_key == sa.bindparam("key"))
    values = [{"of": row.board, "key": row.row_key, "new": value} for row, value in changed]
    connection.execute(sa.update(STANDINGS).where(key).values({column: sa.bindparam("new")}), values)
