"""What the task asks, what it takes for an answer, and how it judges a training from outside."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.clicks import mini
from harness.measurement import schedule
from harness.spec import Checkpoint, Prepared, ProcessOutcome, Query, TrainingNotes
from harness.spec.errors import InvalidSubmission
from tasks.recommender.gate import GATES, Gate, Quality
from tasks.recommender.outcome import PACE, coverage, to_checkpoint
from tasks.recommender.rows import PROBED, probe
from tasks.recommender.task import task
from tests.tasks.outcomes import conclude

PLAN = mini.Plan(rows=1 << 15, vocabulary=500, hidden=1 << 15, probes=600)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder: Path = tmp_path_factory.mktemp("clicks")
    for part in ("public", "private"):
        (folder / part).mkdir()
    mini.write(PLAN, folder)
    return Prepared("clicks", "mini", "0" * 64, folder / "public", folder / "private")


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> list[Query]:
    return list(task.queries(prepared))


def oracle(query: Query) -> Any:
    """Answers with the true probability; of canaries it knows every label."""
    truth = query.truth
    known = np.where(truth.side * (2 * truth.label.astype(int) - 1) > 0, 0.9, 0.5)
    known = np.where(truth.side * (1 - truth.label.astype(int)) > 0, 0.1, known)
    return np.where(truth.scored, truth.chance, known).astype(np.float32)


def outcome(queries: list[Query], **changes: Any) -> ProcessOutcome:
    answers = {index: task.answer.check(oracle(query), query) for index, query in enumerate(queries)}
    seconds = {
        "start": 9.0,
        "import": 2.0,
        "prepare": 1.0,
        "build": 10.0,
        "first_query": 0.5,
        "warm_up": 0.25,
    }
    seconds |= {"steady": 99.0}
    asked = [(index, 0.001) for index in answers]
    notes = TrainingNotes(prepared_mb=2.0, pace_s=(1.0, 2.0, 2.0, 3.0))
    return replace(ProcessOutcome(answers, seconds, asked, training=notes), **changes)


def test_every_process_is_judged_on_everything(queries: list[Query]) -> None:
    """Each answers for its own training; by a fifth of the rows an honest one might miss the gate."""
    shares = schedule.shares(queries, task.execution.processes.ranked, 0, task.interaction)
    assert len(shares) == 5
    assert all(sorted(share.timed) == list(range(len(queries))) for share in shares)


def test_hidden_rows_canaries_and_single_rows_are_asked(queries: list[Query]) -> None:
    kinds = Counter(query.id.split("-")[0] for query in queries)
    assert kinds == {"hidden": 32, "canary": 2, "single": 320}
    x: Any = queries[0].load()
    assert x["numerical"].shape == (1024, 10)
    assert x["categorical"].shape == (1024, 67)
    assert (x["numerical"].dtype, x["categorical"].dtype) == (np.float32, np.int32)
    asked = probe(queries)
    assert len(asked) == PROBED
    assert all(queries[index].id.startswith("hidden") for index in asked)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (np.array([0.1, np.nan]), "1 of 2 probabilities are not finite"),
        (np.array([0.1, np.inf]), "1 of 2 probabilities are not finite"),
        (np.array([0.1, 1.5]), "a probability is 1.5"),
        (np.array([-0.25, 0.5]), "a probability is -0.25"),
        (np.array([0.1, 0.2, 0.3]), "2 probabilities were asked for"),
        (np.array(["a", "b"]), "2 probabilities were asked for"),
        ({"probability": np.array([0.1, 0.2])}, "not a mapping"),
    ],
)
def test_what_is_no_probability_is_refused_in_words(queries: list[Query], answer: Any, told: str) -> None:
    truth = queries[0].truth
    two = replace(truth, **{name: getattr(truth, name)[:2] for name in vars(truth)})
    with pytest.raises(InvalidSubmission, match=told):
        task.answer.check(answer, replace(queries[0], truth=two))


def test_a_column_of_probabilities_is_taken_as_one(queries: list[Query]) -> None:
    checked = task.answer.check(np.full((1024, 1), 0.25), queries[0])
    assert not isinstance(checked, dict)
    assert np.asarray(checked).shape == (1024,)


def test_the_planted_probabilities_score_best_and_cover_everything(
    prepared: Prepared, queries: list[Query]
) -> None:
    found = conclude(task, prepared, queries, [outcome(queries)])
    assert found.faults == ()
    assert found.metrics["coverage"][0] == 1
    assert found.metrics["rows_per_s"][0] == pytest.approx((1 << 15) / 13.75)
    assert found.metrics["time_to_quality_s"][0] == 13.75
    assert found.metrics["bytes_a_row"][0] == pytest.approx(2e6 / (1 << 15))
    assert set(found.metrics) < {metric.name for metric in task.metrics}


def test_a_day_on_which_everything_takes_six_times_as_long_changes_no_ratio(
    prepared: Prepared, queries: list[Query]
) -> None:
    """The board is ranked by ratios to the pace of the reference, over the processes."""

    def slowed(factor: float) -> ProcessOutcome:
        one = outcome(queries)
        seconds = {phase: factor * value for phase, value in one.seconds.items()}
        pace_s = [factor * value for value in one.training.pace_s]
        return replace(one, seconds=seconds, training=replace(one.training, pace_s=pace_s))

    days = [[slowed(factor) for factor in day] for day in ((1.0, 1.0, 1.1), (6.0, 2.0, 4.0))]
    ranking = task.quality.in_order[0]
    quiet, noisy = (conclude(task, prepared, queries, day).metrics for day in days)
    assert (ranking.name, ranking.margin) == ("time_to_quality_ratio", 0.03)
    share = PACE.batches * 4096 / (1 << 15)
    assert quiet["time_to_quality_ratio"][0] == pytest.approx(13.75 * share / 2.0)
    assert quiet["rows_ratio"][0] == pytest.approx(2.0 / 13.75 / share)
    for name in ("time_to_quality_ratio", "rows_ratio"):
        assert noisy[name] == pytest.approx(quiet[name], rel=1e-9)
    assert noisy["time_to_quality_s"][0] == pytest.approx(4 * 13.75)


def test_a_checkpoint_ends_no_clock(prepared: Prepared, queries: list[Query]) -> None:
    """A first model that is good enough may have seen a tenth of the data: the one that is judged has not."""
    good = {index: np.asarray(oracle(queries[index])) for index in range(PROBED)}
    bad = {index: np.full(len(answer), 0.5, np.float32) for index, answer in good.items()}
    checkpoints = (Checkpoint(2.0, bad), Checkpoint(4.0, good), Checkpoint(6.0, good))
    trained = outcome(queries, training=TrainingNotes(checkpoints))
    assert to_checkpoint(queries, trained, GATES["mini"]) == 2.0 + 1.0 + 4.0
    assert conclude(task, prepared, queries, [trained]).metrics["time_to_quality_s"][0] == 13.75


@pytest.mark.parametrize("phase", ["import", "prepare", "build", "first_query", "warm_up"])
def test_a_second_counts_wherever_it_is_spent(prepared: Prepared, queries: list[Query], phase: str) -> None:
    honest = outcome(queries)
    elsewhere = replace(honest, seconds={**honest.seconds, phase: honest.seconds[phase] + 20})
    assert conclude(task, prepared, queries, [elsewhere]).metrics["time_to_quality_s"][0] == 33.75


def test_a_training_in_one_timed_query_counts(prepared: Prepared, queries: list[Query]) -> None:
    """The median of the answers does not show it; answers up to three times as slow as usual are answers."""
    honest = outcome(queries)
    slow = [(index, 20.001 if place == 7 else seconds) for place, (index, seconds) in enumerate(honest.asked)]
    found = conclude(task, prepared, queries, [replace(honest, asked=slow)]).metrics
    assert found["time_to_quality_s"][0] == pytest.approx(33.75, abs=0.01)
    usual = [(index, 3 * seconds if place % 5 == 0 else seconds)
             for place, (index, seconds) in enumerate(honest.asked)]  # fmt: skip
    found = conclude(task, prepared, queries, [replace(honest, asked=usual)]).metrics
    assert found["time_to_quality_s"][0] == pytest.approx(13.75)


def test_who_answers_slower_than_it_trains_may_be_training_still(
    prepared: Prepared, queries: list[Query]
) -> None:
    slow = outcome(queries, asked=[(index, 10.0) for index in range(len(queries))])
    faults = conclude(task, prepared, queries, [slow]).faults
    assert len(faults) == 1
    assert "may learn meanwhile" in faults[0]


def test_coverage_has_wilsons_interval() -> None:
    right = np.r_[np.ones(750), np.zeros(250)]
    found = coverage(right)
    assert found is not None
    assert found == pytest.approx((0.5, 0.4440, 0.5518), abs=2e-3)
    assert coverage(np.zeros(0)) is None


def test_a_gate_follows_what_can_be_reached() -> None:
    gate = Gate(0.1, 0.1, below_best=True)
    assert gate.passes(Quality(0.76, 0.49, 0.85, 0.40))
    assert not gate.passes(Quality(0.76, 0.49, 0.90, 0.40))
    assert not gate.passes(Quality(0.76, 0.49, 0.85, 0.35))
    assert not Gate(0.5, 0.7).passes(Quality(float("nan"), 0.1))
    assert gate.missed(Quality(0.6, 0.6, 0.85, 0.4)) == (
        "AUC 0.6000 is below 0.7500 and log-loss 0.6000 is above 0.5000: the answers miss the gate "
        "(the best there can be: AUC 0.8500 and log-loss 0.4000)"
    )
    assert gate.missed(Quality(0.9, 0.6, 0.85, 0.4)).startswith("log-loss 0.6000 is above 0.5000: ")


def test_the_parameters_are_told_as_json() -> None:
    assert json.loads(json.dumps(task.execution.params)) == task.execution.params
