"""The close of a competition: the private split is scored for the first time, and ranks.

Until then no private score exists anywhere: records keep answers, and only the public ones are scored. The
rows of the board count, one record a team, with the times and the memory that were measured for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from harness.record import Measure, Record
from harness.spec.errors import UserError
from leaderboards.boards.board import Board, Prize
from leaderboards.boards.parity import few_clusters_notes
from leaderboards.boards.prizes import award
from leaderboards.boards.records import contender_of, obstacle_text
from leaderboards.boards.rows import Cell, Place, Row, row_from_json, row_to_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import (
    BootstrapDraws,
    Contender,
    Parity,
    Ranked,
    board_ranks,
    pareto_front,
    winners,
)

NO_ANSWERS = "answers for some private units are missing"


@dataclass(frozen=True)
class PrivateScores:
    """The private scores of a record's answers; ``draws`` are those of the metric that ranks."""

    metrics: Mapping[str, Measure]
    draws: BootstrapDraws | None


@dataclass(frozen=True)
class Final:
    """The board as it was when it was closed, and the same rows ranked by the private split."""

    closed: str
    public: Board
    private: Board


def close(
    public: Board, records: Mapping[str, Record], scored: Mapping[str, PrivateScores], closed: str
) -> Final:
    """Rank the rows of a whole board by their private scores.

    ``records`` and ``scored`` are by record id, ``closed`` is the time in ISO 8601. Raises UserError where
    no record has a private value of the metric that ranks.
    """
    metric = public.spec.metric
    if not any(metric.name in scores.metrics for scores in scored.values()):
        raise UserError(
            f"no record of {public.key.task} has a private value of '{metric.title}': "
            "its answers are not on this machine, or the metric does not follow from answers alone"
        )
    contenders = [
        _contender(records[row.record], public.spec, scored[row.record])
        for row in public.rows
        if row.rank is not None and row.record in scored
    ]
    rows = tuple(_private_row(row, scored.get(row.record)) for row in public.rows)
    clusters = next((one.draws.clusters for one in scored.values() if one.draws), None)
    notes = ("Scored on the private split.", *few_clusters_notes(clusters, public.spec), *public.notes)
    return Final(closed, public, _ranked(replace(public, rows=rows, notes=notes), contenders))


def _private_row(row: Row, scores: PrivateScores | None) -> Row:
    """Return the row with private values and no rank yet; a row without a public rank stays without one."""
    if row.rank is None or scores is None:
        reason = row.state.reason if row.rank is None else NO_ANSWERS
        return replace(row, place=Place(), state=replace(row.state, reason=reason))
    cells = {name: Cell(one.value, one.low, one.high) for name, one in scores.metrics.items()}
    return replace(row, cells={**row.cells, **cells}, place=Place())


def _contender(record: Record, spec: BoardSpec, scores: PrivateScores) -> Contender:
    measure = scores.metrics.get(spec.metric.name)
    public = contender_of(record, spec, scores.draws)
    return replace(public, value=measure.value if measure else None)


def _ranked(board: Board, contenders: Sequence[Contender]) -> Board:
    """Return the board in the order of its private ranks."""
    spec, goal = board.spec, board.spec.metric.goal
    ranked = board_ranks(contenders, goal, spec.gate, spec.scale)
    front = pareto_front(contenders, goal, spec.gate)
    by_record = {one.contender.id: one for one in ranked}
    position = {one.contender.id: number for number, one in enumerate(ranked)}
    rows = [_ranked_row(row, by_record.get(row.record), front, spec) for row in board.rows]
    rows.sort(key=lambda row: (row.rank is None, position.get(row.record, len(position))))
    won = winners(ranked, spec.prize.share, spec.prize.margin)
    return replace(
        board,
        rows=tuple(rows),
        prizes=award(won, {row.record: row for row in rows}, spec),
    )


def _ranked_row(row: Row, ranked: Ranked | None, front: frozenset[str], spec: BoardSpec) -> Row:
    if ranked is None:
        return row
    reason = row.state.reason or obstacle_text(ranked.obstacle, ranked.contender.value, spec)
    state = replace(row.state, reason=reason)
    return replace(row, place=Place(ranked.rank, row.record in front, ranked.parity), state=state)


def to_json(final: Final) -> str:
    """Write one JSON document; ``from_json`` reads it back."""
    stored = {
        "closed": final.closed,
        "spec": final.public.spec.to_json(),
        "key": asdict(final.public.key),
        "public": _stored(final.public),
        "private": _stored(final.private),
    }
    return json.dumps(stored, indent=1)


def from_json(text: str | bytes) -> Final:
    """Read back what ``to_json`` wrote."""
    stored = json.loads(text)
    spec, key = BoardSpec.from_json(stored["spec"]), BoardKey(**stored["key"])
    public, private = (_board(stored[name], spec, key) for name in ("public", "private"))
    return Final(stored["closed"], public, private)


def _stored(board: Board) -> dict[str, Any]:
    return {
        "rows": [[row_to_json(row), row.rank, row.pareto, _parity(row)] for row in board.rows],
        "prizes": [asdict(prize) for prize in board.prizes],
        "notes": board.notes,
    }


def _parity(row: Row) -> dict[str, Any] | None:
    return asdict(row.place.parity) if row.place.parity else None


def _row(text: str, rank: int | None, pareto: bool, parity: Mapping[str, Any] | None = None) -> Row:
    """Read a stored row; earlier versions stored no parity."""
    return row_from_json(text, Place(rank, pareto, Parity(**parity) if parity else None))


def _board(stored: Mapping[str, Any], spec: BoardSpec, key: BoardKey) -> Board:
    rows = tuple(_row(*row) for row in stored["rows"])
    prizes = tuple(Prize(**prize) for prize in stored["prizes"])
    return Board(spec, key, rows, prizes, tuple(stored["notes"]), total=len(rows))
