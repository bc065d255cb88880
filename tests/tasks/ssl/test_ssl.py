"""Task ssl as a whole on the digits: what is asked, what may be answered, what the record says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.intake.lookup import shipped_names
from harness.spec import Checkpoint, DataRequest, Prepared, ProcessOutcome, Query, TrainingNotes
from harness.spec.errors import InvalidSubmission
from tasks.ssl.blocks import MOVED, POOL, TEST, gathered
from tasks.ssl.scoring import DRAWS, judged, tally
from tasks.ssl.task import probe, task
from tests.tasks.outcomes import conclude
from tests.tasks.ssl.ssl_scores import Array, flat, scored


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return task.dataset.prepare(DataRequest("digits", tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> Sequence[Query]:
    return task.queries(prepared)


def test_every_block_mixes_pool_test_and_moved_pictures(queries: Sequence[Query]) -> None:
    blocks = [query.truth for query in queries if not query.truth.is_gate]
    assert len(blocks) >= 5
    for block in blocks:
        assert np.bincount(block.kind, minlength=3).tolist()[1:] == [30, 30]
        assert (np.diff(block.kind) != 0).sum() > 20, "kinds come mixed, not one after another"
    test = np.concatenate([block.place[block.kind == TEST] for block in blocks])
    pool = np.concatenate([block.place[block.kind == POOL] for block in blocks])
    assert sorted(test) == list(range(600))
    assert sorted(pool) == list(range(1197))


@pytest.mark.slow
def test_the_gate_holds_pictures_of_the_pool_alone_and_counts_nothing(queries: Sequence[Query]) -> None:
    (gate,) = (queries[index] for index in probe(queries))
    assert set(gate.truth.kind) == {POOL}
    rows = scored(task, queries, lambda images, block: flat(images)).table
    assert rows["tested"][list(queries).index(gate)] == 0
    assert rows["tested"].sum() == 600


def test_a_moved_picture_is_the_same_by_one_pixel(queries: Sequence[Query]) -> None:
    blocks = [query.truth for query in queries if not query.truth.is_gate]
    seen = [np.asarray(query.load()) for query in queries if not query.truth.is_gate]
    still, _ = gathered(blocks, seen, TEST)
    moved, _ = gathered(blocks, seen, MOVED)
    apart = np.abs(moved[:, :, 1:].astype(int) - still[:, :, :-1])
    assert apart.max() <= 4, "but for the noise"


def test_what_one_asks_the_other_is_asked_too(prepared: Prepared, queries: Sequence[Query]) -> None:
    for one, other in zip(queries, task.queries(prepared), strict=True):
        assert (np.asarray(one.load()) == np.asarray(other.load())).all()


def test_pixels_score_as_they_should(queries: Sequence[Query]) -> None:
    found = scored(task, queries, lambda images, block: flat(images)).metrics
    at_10 = found["probe_10"]
    assert at_10.low is not None and at_10.value is not None and at_10.high is not None
    assert 82 < at_10.low < at_10.value < at_10.high < 93
    assert [found[f"probe_{count}"].value for count in (1, 10, 50)] == sorted(
        found[f"probe_{count}"].value or 0 for count in (1, 10, 50)
    )


def test_which_labels_are_drawn_matters_little(queries: Sequence[Query]) -> None:
    """Fifteen sets of draws scatter by less than 0.4 points at one label a class, where it is most."""
    blocks = [query.truth for query in queries]
    answers = [flat(np.asarray(query.load())) for query in queries]
    found = []
    for secret in range(15):
        drawn = [replace(block, secret=secret) for block in blocks]
        labels = judged(drawn, answers, (1,), ("knn",))
        rows = [tally(one, block) for block, one in zip(blocks, labels, strict=True)]
        found.append(100 * sum(row["knn_1"] for row in rows) / sum(row["tested"] for row in rows))
    assert {len(one["knn_1"]) for one in labels} == {DRAWS[1]}
    assert float(np.std(found, ddof=1)) < 0.4


@pytest.mark.parametrize(
    "answer",
    [
        np.ones,
        lambda n: np.zeros((n - 1, 4)),
        lambda n: np.zeros((n, 0)),
        lambda n: np.zeros((n, 4097)),
        lambda n: np.full((n, 4), np.nan),
        lambda n: np.full((n, 4), 1e39),
        lambda n: np.full((n, 4), "a"),
        lambda n: {"scores": np.zeros((n, 4))},
        lambda n: {"embedding": np.zeros((n, 4)), "labels": np.zeros(n)},
        lambda n: {"embedding": np.zeros((n, 4)), "steps": np.float64(3)},
        lambda n: {"embedding": np.zeros((n, 4)), "steps": np.int64(-3)},
    ],
)
def test_what_is_no_embedding_is_refused(queries: Sequence[Query], answer: Any) -> None:
    with pytest.raises(InvalidSubmission, match="block-000"):
        task.answer.check(answer(len(queries[0].truth.place)), queries[0])


@pytest.mark.parametrize("width", [1, 64])
def test_a_collapsed_encoder_is_named(queries: Sequence[Query], width: int) -> None:
    chance = np.random.default_rng(0)

    def collapsed(images: Array, block: Any) -> Array:
        return np.ones((len(images), width)) + 1e-9 * chance.normal(size=(len(images), width))

    found = {
        name: (measure.value, None, None)
        for name, measure in scored(task, queries, collapsed).metrics.items()
    }
    assert task.quality.warnings is not None
    (sign,) = task.quality.warnings(found)
    assert "collapsed encoder" in sign
    assert found["probe_10"][0] == pytest.approx(10, abs=6)


@pytest.mark.slow
def test_an_encoder_that_is_none_is_not_called_collapsed(queries: Sequence[Query]) -> None:
    found = scored(task, queries, lambda images, block: flat(images)).metrics
    assert task.quality.warnings is not None
    assert not task.quality.warnings({name: (measure.value, None, None) for name, measure in found.items()})


def outcome(queries: Sequence[Query], build_s: float) -> ProcessOutcome:
    answers = {
        index: task.answer.check(
            {
                "embedding": flat(np.asarray(query.load())),
                "images": np.int64(800),
                "steps": np.int64(50),
                "parameters": np.int64(7),
            },
            query,
        )
        for index, query in enumerate(queries)
    }
    (gate,) = probe(queries)
    bad = task.answer.check(np.zeros((len(queries[gate].truth.place), 2)), queries[gate])
    checkpoints = [Checkpoint(1.0, {gate: bad}), Checkpoint(2.0, {gate: answers[gate]})]
    return ProcessOutcome(
        answers, {"build": build_s}, [(index, 0.1) for index in answers], training=TrainingNotes(checkpoints)
    )


def test_speed_is_the_harnesss_and_the_gate_the_first_checkpoint_that_passes(
    prepared: Prepared, queries: Sequence[Query]
) -> None:
    found = conclude(task, prepared, queries, [outcome(queries, 4.0), outcome(queries, 4.0)])
    values = {name: value for name, (value, _, _) in found.metrics.items()}
    assert values["training_rate"] == 200
    assert values["gate_s"] == 2.0
    assert values["gate_steps"] == 50
    assert values["parameters"] == 7
    assert values["seed_sd"] == 0
    assert values["answer_rate"] == pytest.approx(1250, rel=0.5)
    assert found.faults == ()


def test_a_training_beyond_its_budget_does_not_count(prepared: Prepared, queries: Sequence[Query]) -> None:
    found = conclude(task, prepared, queries, [outcome(queries, 121.0)])
    assert found.faults == ("training took 121 s; the budget is 120 s",)


@pytest.mark.slow
def test_three_pictures_are_drawn(queries: Sequence[Query]) -> None:
    asked = list(queries)
    answers = [task.answer.check(flat(np.asarray(query.load())), query) for query in asked]
    found = {
        name: (m.value, m.low, m.high)
        for name, m in scored(task, asked, lambda x, _: flat(x)).metrics.items()
    }
    assert task.reporting.figures is not None
    drawn = task.reporting.figures(asked, answers, found)
    assert set(drawn) == {"accuracy_by_labels.png", "map.png", "neighbours.png"}
    assert all(data.startswith(b"\x89PNG") for data in drawn.values())


def test_the_entries_are_shipped() -> None:
    names = ("random_encoder", "simclr", "simsiam", "barlow_twins", "vicreg", "strong")
    assert shipped_names(task)[0] == "raw_pixels"
    assert set(names) < set(shipped_names(task))


def test_the_public_folder_tells_no_label(prepared: Prepared) -> None:
    assert sorted(path.name for path in Path(prepared.public).iterdir()) == ["about.json", "pool.npz"]
    with np.load(prepared.public / "pool.npz") as held:
        assert held.files == ["images"]
