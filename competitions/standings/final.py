"""The final board: ranks by private scores, prizes, medals, and how far ranks moved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from competitions.rules.competition import Awards
from harness.spec import Goal
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import Contender, Ranked, board_ranks, winners


@dataclass(frozen=True)
class FinalRow:
    """A team's row. ``medal`` is gold, silver, bronze or empty; ``prizes`` are titles of prizes."""

    rank: int | None
    team: int
    name: str
    private: float
    public_rank: int | None
    submission: int
    medal: str
    prizes: tuple[str, ...]


@dataclass(frozen=True)
class FinalBoard:
    """The final board of one profile. ``shake_up`` is the mean move in ranks as a share of the teams."""

    profile: str
    goal: Goal
    shake_up: float
    rows: tuple[FinalRow, ...]


@dataclass(frozen=True)
class Finalist:
    """A team's final submission with its private score."""

    team: int
    name: str
    public_rank: int | None
    contender: Contender


def final_board(
    profile: str, finalists: Sequence[Finalist], awards: Awards, goal: Goal, spec: BoardSpec | None
) -> FinalBoard:
    """Rank the best final submission of each team and give prizes and medals."""
    best: dict[int, Finalist] = {}
    for one in sorted(finalists, key=lambda one: (_order(one, goal), one.contender.started)):
        best.setdefault(one.team, one)
    by_id = {one.contender.id: one for one in best.values()}
    ranked = board_ranks([one.contender for one in best.values()], goal, spec.gate if spec else None)
    prizes = _prizes(ranked, awards, spec)
    placed = [one for one in ranked if one.rank is not None]
    rows = tuple(
        FinalRow(
            one.rank,
            by_id[one.contender.id].team,
            by_id[one.contender.id].name,
            one.contender.value if one.contender.value is not None else float("nan"),
            by_id[one.contender.id].public_rank,
            int(one.contender.id),
            medal(one.rank, len(placed)) if awards.medals and one.rank is not None else "",
            prizes.get(one.contender.id, ()),
        )
        for one in ranked
    )
    return FinalBoard(profile, goal, _shake_up(rows), rows)


def medal(rank: int, teams: int) -> str:
    """Return the medal of a rank by Kaggle's bands."""
    if teams < 100:
        bands = (0.1 * teams, 0.2 * teams, 0.4 * teams)
    elif teams < 250:
        bands = (10, 0.2 * teams, 0.4 * teams)
    elif teams < 1000:
        bands = (10 + 0.002 * teams, 50, 100)
    else:
        bands = (10 + 0.002 * teams, 0.05 * teams, 0.1 * teams)
    names = ("gold", "silver", "bronze")
    return next((name for name, most in zip(names, bands, strict=True) if rank <= most + 1e-9), "")


def to_json(boards: Sequence[FinalBoard]) -> str:
    """Write one JSON document; ``from_json`` reads it back."""
    return json.dumps([asdict(board) for board in boards], sort_keys=True)


def from_json(text: str) -> tuple[FinalBoard, ...]:
    """Read back what ``to_json`` wrote; nothing where the competition is open."""
    stored = json.loads(text) if text else []
    return tuple(
        FinalBoard(
            board["profile"],
            board["goal"],
            board["shake_up"],
            tuple(FinalRow(**{**row, "prizes": tuple(row["prizes"])}) for row in board["rows"]),
        )
        for board in stored
    )


def _order(finalist: Finalist, goal: Goal) -> tuple[bool, float]:
    """Sort the final submissions of one team: valid ones with the best private score first."""
    value = finalist.contender.value
    unranked = value is None or finalist.contender.validity == "invalid"
    return unranked, 0.0 if value is None else -value if goal == "max" else value


def _prizes(
    ranked: Sequence[Ranked], awards: Awards, spec: BoardSpec | None
) -> Mapping[str, tuple[str, ...]]:
    """Return the titles of prizes by the id of the submission that won them; a tier shares its places."""
    won: dict[str, tuple[str, ...]] = {}
    for prize in awards.prizes:
        if prize.award == "performance":
            fast = winners(ranked, spec.prize.share, spec.prize.margin).performance if spec else ()
        else:
            fast = tuple(one.contender.id for one in ranked if _covers(one, ranked, prize.place))
        for submission in fast:
            won[submission] = (*won.get(submission, ()), prize.title)
    return won


def _covers(one: Ranked, ranked: Sequence[Ranked], place: int) -> bool:
    """Whether a place belongs to the rank that an entry shares with others."""
    if one.rank is None:
        return False
    shared = sum(other.rank == one.rank for other in ranked)
    return one.rank <= place < one.rank + shared


def _shake_up(rows: Sequence[FinalRow]) -> float:
    moves = [
        abs(row.rank - row.public_rank)
        for row in rows
        if row.rank is not None and row.public_rank is not None
    ]
    return sum(moves) / len(moves) ** 2 if moves else 0.0
