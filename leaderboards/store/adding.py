"""How a record enters the index: its row is updated, then its board is ranked again in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harness.record import Record
from leaderboards.boards.records import contender_of, row_key, row_of
from leaderboards.boards.rows import row_to_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws, Contender, Spread, Standing, imprecision, standing
from leaderboards.store.database import empty, insert, writing
from leaderboards.store.rows import latency_of
from leaderboards.store.standings import Change, settle
from leaderboards.store.tables import ARCHIVED, BOARDS, BOOTSTRAP_DRAWS, RECORDS, STANDINGS

_MODULUS = 2**61 - 1  # a sum of two fits a signed 64-bit integer


@dataclass(frozen=True)
class Candidate:
    """A record with what its board needs beside it."""

    record: Record
    spec: BoardSpec
    draws: BootstrapDraws | None


def add(engine: sa.Engine, new: Candidate) -> bool:
    """Put a record on its board and rank the board again; False where the index held it already.

    All or nothing. Raises ``ValueError`` where its draws come from other resamples than the board's.
    """
    board = BoardKey.of(new.record).id
    with writing(engine) as connection:
        if not _insert_record(connection, board, new):
            return False
        change = _update_row(connection, board, new)
        if change is not None:
            settle(connection, board, new.spec, change)
        return True


def rebuild(engine: sa.Engine, candidates: Iterable[Candidate], archived: Iterable[str] = ()) -> int:
    """Empty the index and fill it with these records; return their number.

    ``archived`` are ids of records that are on no board, read after the candidates. One transaction: readers
    see the index as it was, writers wait, and a rebuild that is interrupted changes nothing.
    """
    with writing(engine, alone=True) as connection:
        empty(connection)
        specs: dict[str, BoardSpec] = {}
        count = 0
        for new in candidates:
            board = BoardKey.of(new.record).id
            if _insert_record(connection, board, new):
                _update_row(connection, board, new)
                specs[board] = new.spec
                count += 1
        for board, spec in specs.items():
            settle(connection, board, spec)
        if ids := [{"record": record_id} for record_id in archived]:
            connection.execute(sa.insert(ARCHIVED), ids)
        return count


def _insert_record(connection: sa.Connection, board: str, new: Candidate) -> bool:
    """Insert the record, and its board where it is the first; False where the index holds it already."""
    record, key = new.record, BoardKey.of(new.record)
    started = datetime.fromisoformat(record.started).timestamp()
    fields = {**asdict(key), "spec": new.spec.over(record.data).to_json(), "prizes": "[]", "latest": started}
    counts = dict.fromkeys(("records", "rows", "ranked", "valid", "digest", "outdated"), 0)
    made = insert(connection, BOARDS).values(id=board, **fields, **counts)
    # The update locks the board's line: transactions that add to one board take turns.
    connection.execute(made.on_conflict_do_update(index_elements=["id"], set_={"spec": made.excluded.spec}))
    measure = record.metrics.get(new.spec.metric.name)
    values = {
        "id": record.id,
        "board": board,
        "row_key": row_key(record),
        "validity": record.validity.state,
        "row": row_to_json(row_of(record, new.spec)),
        "value": measure.value if measure else None,
        "started": started,
    }
    inserted = insert(connection, RECORDS).values(values).on_conflict_do_nothing().returning(RECORDS.c.id)
    if connection.scalar(inserted) is None:
        return False
    later = sa.case((BOARDS.c.latest < started, started), else_=BOARDS.c.latest)
    digest = (BOARDS.c.digest + int(record.id, 16) % _MODULUS) % _MODULUS
    _count(connection, board, records=1, latest=later, digest=digest)
    return True


def _update_row(connection: sa.Connection, board: str, new: Candidate) -> Change | None:
    """Show the record in its team's row if it is the best so far; None where it is not."""
    contender = contender_of(new.record, new.spec, new.draws)
    new_standing = standing(contender, new.spec.metric.goal, new.spec.gate)
    key = row_key(new.record)
    where = sa.and_(STANDINGS.c.board == board, STANDINGS.c.row_key == key)
    before = connection.execute(sa.select(STANDINGS).where(where)).one_or_none()
    if before is not None and _stored_standing(before) <= new_standing:
        return None
    values = {"board": board, "row_key": key, **_columns(contender, new_standing)}
    written = insert(connection, STANDINGS).values(values)
    connection.execute(written.on_conflict_do_update(index_elements=["board", "row_key"], set_=values))
    if before is not None:
        connection.execute(sa.delete(BOOTSTRAP_DRAWS).where(BOOTSTRAP_DRAWS.c.record == before.record))
    if new.draws is not None and not new_standing.unranked:
        draws = new.draws
        packed = {"clusters": draws.clusters, "draws": draws.packed(), "units": draws.units}
        connection.execute(sa.insert(BOOTSTRAP_DRAWS).values(record=new.record.id, **packed))
    after = connection.execute(sa.select(STANDINGS).where(where)).one()
    _count(
        connection,
        board,
        rows=int(before is None),
        ranked=int(not after.unranked) - int(before is not None and not before.unranked),
        valid=after.valid - (before.valid if before is not None else 0),
    )
    return Change(before, after)


def _stored_standing(row: sa.Row[Any]) -> Standing:
    latency = latency_of(row)
    error = 0.0 if row.unranked else imprecision(latency.ratio if latency else None)
    return Standing(bool(row.unranked), not row.valid, row.sort_key, error, row.started, row.record)


def _columns(contender: Contender, new_standing: Standing) -> dict[str, Any]:
    """What the index keeps of a row, beside its key."""
    latency = contender.latency
    ratio = latency.ratio if latency else None
    timed = latency.reference if latency else None
    spread = contender.draws if isinstance(contender.draws, Spread) else None
    return {
        "record": contender.id,
        "reference": int(contender.reference),
        "unranked": int(new_standing.unranked),
        "valid": int(not new_standing.not_valid),
        "sort_key": new_standing.sort_key,
        "started": contender.started,
        "value": None if new_standing.unranked else contender.value,
        "ratio": ratio.value if ratio else None,
        "ratio_low": ratio.low if ratio else None,
        "ratio_high": ratio.high if ratio else None,
        "log_mean": ratio.log_mean if ratio else None,
        "log_se": ratio.log_se if ratio else None,
        "log_df": ratio.df if ratio else None,
        "margin": latency.margin if latency else None,
        "memory_mb": contender.memory_mb,
        "rank": None,
        "pareto": 0,
        "parity": None,
        "value_se": spread.log_se if spread else None,
        "value_df": spread.df if spread else None,
        "reference_ms": timed.ms if timed else None,
        "machine": timed.machine if timed else None,
    }


def _count(connection: sa.Connection, board: str, **more: object) -> None:
    """Add to the counts of a board, or set what is not a number."""
    values = {name: BOARDS.c[name] + by if isinstance(by, int) else by for name, by in more.items()}
    connection.execute(sa.update(BOARDS).where(BOARDS.c.id == board).values(values))
