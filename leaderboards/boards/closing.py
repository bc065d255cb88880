"""The end of a competition: the private split is scored for the first time, and ranks.

Until then no private score exists anywhere: records keep answers, and only the public ones are scored. What
stood on the board counts, one record a team, with the times and the memory that were measured then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from harness.record import Measure, Record
from harness.record.latency import margin_of, ratio_of
from harness.spec.errors import UserError
from leaderboards.boards.board import Board, Cell, Prize, Row, row_from_json, row_to_json
from leaderboards.boards.draws import BootstrapDraws
from leaderboards.boards.prizes import award
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import Contender, Ranked, pareto, prizes, rank

NO_ANSWERS = "no answers were kept to every private unit"


@dataclass(frozen=True)
class Scored:
    """What a record's answers are worth on the private split."""

    metrics: Mapping[str, Measure]
    replicates: BootstrapDraws | None


@dataclass(frozen=True)
class Final:
    """The board as it stood when it was closed, and what the private split makes of it."""

    closed: str
    public: Board
    private: Board


def close(public: Board, records: Mapping[str, Record], scored: Mapping[str, Scored], closed: str) -> Final:
    """Rank the rows of a whole board by their private scores.

    Raises UserError where answers alone do not give the metric that ranks.
    """
    metric = public.spec.metric
    if not any(metric.name in one.metrics for one in scored.values()):
        raise UserError(
            f"no private {metric.title} can be worked out for any record of {public.key.task}: "
            "their answers are not here, or the answers alone do not give it"
        )
    contenders = [
        _contender(row, records[row.record], scored[row.record], metric.name)
        for row in public.rows
        if row.rank is not None and row.record in scored
    ]
    rows = tuple(_private_row(row, scored.get(row.record)) for row in public.rows)
    return Final(closed, public, _ranked(replace(public, rows=rows), contenders))


def _private_row(row: Row, scored: Scored | None) -> Row:
    """The row with private values and no rank yet; what had none before gets none."""
    if row.rank is None or scored is None:
        return replace(row, rank=None, pareto=False, why=row.why if row.rank is None else NO_ANSWERS)
    cells = {name: Cell(one.value, one.low, one.high) for name, one in scored.metrics.items()}
    return replace(row, cells={**row.cells, **cells}, pareto=False)


def _contender(row: Row, record: Record, scored: Scored, metric: str) -> Contender:
    measure, memory = scored.metrics.get(metric), record.metrics.get("memory_peak_mb")
    return Contender(
        id=row.record,
        team=row.team,
        started=row.started,
        value=measure.value if measure else None,
        replicates=scored.replicates.draws if scored.replicates else None,
        clusters=scored.replicates.clusters if scored.replicates else 0,
        latency=ratio_of(record),
        margin=margin_of(record),
        memory_mb=memory.value if memory else None,
        validity=record.validity.state,
        mark="reference" if row.role == "reference" else "",
    )


def _ranked(board: Board, contenders: Sequence[Contender]) -> Board:
    """The board in the order of its private ranks: valid rows among valid ones, others among all."""
    spec, goal = board.spec, board.spec.metric.goal
    valid = [one for one in contenders if one.validity == "valid"]
    everyone = rank(contenders, goal, gate=spec.gate)
    counting = rank(valid, goal, gate=spec.gate)
    found = {one.contender.id: one for one in (*everyone, *counting)}
    front = pareto(valid or contenders, goal, spec.gate)
    place = {one.contender.id: number for number, one in enumerate(everyone)}
    rows = [_placed(row, found.get(row.record), row.record in front) for row in board.rows]
    rows.sort(key=lambda row: (row.rank is None, place.get(row.record, len(place))))
    return replace(
        board,
        rows=tuple(rows),
        prizes=_prizes(counting if valid else everyone, rows, spec, provisional=not valid),
        notes=("Scored on the private split.", *board.notes),
    )


def _placed(row: Row, found: Ranked | None, on_front: bool) -> Row:
    if found is None:
        return row
    return replace(row, rank=found.rank, pareto=on_front, why=row.why or found.reason)


def _prizes(
    ranked: Sequence[Ranked], rows: Sequence[Row], spec: BoardSpec, *, provisional: bool
) -> tuple[Prize, ...]:
    if provisional:  # while nobody is valid, provisional rows hold the prizes
        ranked = [replace(one, contender=replace(one.contender, validity="valid")) for one in ranked]
    won = prizes(ranked, spec.prize_share, spec.margin)
    return award(won, {row.record: row for row in rows}, spec, provisional=provisional)


def to_json(final: Final) -> str:
    """One JSON document; ``from_json`` reads it back."""
    plain = {
        "closed": final.closed,
        "spec": final.public.spec.to_json(),
        "key": asdict(final.public.key),
        "public": _board_to_plain(final.public),
        "private": _board_to_plain(final.private),
    }
    return json.dumps(plain, indent=1)


def from_json(text: str | bytes) -> Final:
    """Read back what ``to_json`` wrote."""
    held = json.loads(text)
    spec, key = BoardSpec.from_json(held["spec"]), BoardKey(**held["key"])
    public, private = (_board_from_plain(held[name], spec, key) for name in ("public", "private"))
    return Final(held["closed"], public, private)


def _board_to_plain(board: Board) -> dict[str, Any]:
    return {
        "rows": [[row_to_json(row), row.rank, row.pareto] for row in board.rows],
        "prizes": [asdict(prize) for prize in board.prizes],
        "notes": board.notes,
    }


def _board_from_plain(held: Mapping[str, Any], spec: BoardSpec, key: BoardKey) -> Board:
    rows = tuple(row_from_json(*row) for row in held["rows"])
    prizes_ = tuple(Prize(**prize) for prize in held["prizes"])
    return Board(spec, key, rows, prizes_, tuple(held["notes"]), total=len(rows))
