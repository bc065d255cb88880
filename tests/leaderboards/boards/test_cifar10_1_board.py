"""The 30 published models on CIFAR-10.1 as records: scored, ranked and closed as any competition is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import sqlalchemy as sa

from harness.record import DataId, Isolation, Measure, Record, SubmissionId, ValidityResult
from harness.stats import bootstrap
from leaderboards.boards import closing
from leaderboards.boards.board import Board
from leaderboards.boards.columns import Column
from leaderboards.boards.rank_changes import rank_changes, shake_up
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index

SPEC = BoardSpec("cifar10_1", 1, "CIFAR-10.1", (Column("accuracy", "accuracy", "", "max", 4),))
KEY = BoardKey("cifar10_1", 1, "cifar10.1", "v4", "c" * 64, "cpu", "offline")


def scored(hit: np.ndarray, images: np.ndarray) -> closing.PrivateScores:
    table = {"hit": hit[images].astype(float), "n": np.ones(len(images))}
    names = [f"image {i}" for i in images]
    draws = bootstrap(table, names, lambda sums: {"accuracy": sums["hit"] / sums["n"]})["accuracy"]
    accuracy = Measure(value=float(hit[images].mean()), unit="", goal="max")
    return closing.PrivateScores(
        {"accuracy": accuracy}, BootstrapDraws(draws.astype(np.float32), len(images))
    )


def record(name: str, public: closing.PrivateScores) -> Record:
    return Record(
        task="cifar10_1", task_version=1, profile="cpu", scenario="offline", quick=False, seed=0,
        data=DataId(name="cifar10.1", variant="v4", sha256="c" * 64), seconds=1.0, processes=1,
        submission=SubmissionId(name=name, team=name, kind="predictions", sha256="a" * 64, size_bytes=1),
        status="ok", validity=ValidityResult(state="valid"), started="2018-06-01T00:00:00+00:00",
        isolation=Isolation(level=1, name="bubblewrap", safe=True), metrics=public.metrics,
    ).sealed()  # fmt: skip


def on_board(engine: sa.Engine, hits: dict[str, np.ndarray], images: np.ndarray) -> dict[str, Record]:
    """Put every model on the board by what it answers to these images; record by id."""
    held = {}
    for name, hit in hits.items():
        public = scored(hit, images)
        made = record(name, public)
        assert index.add(engine, index.Candidate(made, SPEC, public.draws))
        held[made.id] = made
    return held


def board(engine: sa.Engine) -> Board:
    found = index.page(engine, KEY, limit=None)
    assert found is not None
    return found


def test_the_board_shows_the_accuracies_computed_directly_in_tiers(
    engine: sa.Engine, hits: dict[str, np.ndarray]
) -> None:
    on_board(engine, hits, np.arange(2021))
    rows = board(engine).rows
    assert {row.entry.name: row.cell("accuracy").value for row in rows} == {
        name: np.count_nonzero(hit) / 2021 for name, hit in hits.items()
    }
    ranks = [row.rank for row in rows]
    assert len(rows) == 30 and 4 <= len(set(ranks)) <= 15
    assert [1 + ranks.index(rank) for rank in ranks] == ranks


def test_closing_on_the_private_images_shakes_the_board_up(
    engine: sa.Engine, hits: dict[str, np.ndarray], tmp_path: Path
) -> None:
    images = np.random.default_rng(1).permutation(2021)
    public, private = np.sort(images[:606]), np.sort(images[606:])
    records = on_board(engine, hits, public)
    before = board(engine)
    hidden = {id_: scored(hits[one.submission.name], private) for id_, one in records.items()}
    final = closing.close(before, records, hidden, "2018-07-01T00:00:00+00:00")
    assert closing.from_json(closing.to_json(final)) == final
    assert {row.entry.name: row.cell("accuracy").value for row in final.private.rows} == {
        name: hit[private].mean() for name, hit in hits.items()
    }
    changes = rank_changes(final.public, final.private)
    assert sum(change.up != 0 for change in changes) >= 10
    assert 0.01 < shake_up(changes) < 0.5
    # More images tell more models apart.
    assert len({row.rank for row in final.private.rows}) >= len({row.rank for row in before.rows})
