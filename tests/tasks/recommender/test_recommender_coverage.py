"""An epoch is all of the data: what canaries show of models that saw a part of it, and of cheats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bench.recommender_models import (
    Array,
    Keep,
    Model,
    canaries_alone,
    occurrences,
    outcome,
    trained,
)
from harness.spec import DataRequest, Prepared, Query
from tasks.recommender.task import task
from tests.tasks.outcomes import Concluded, conclude

ROWS = 1 << 18


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return task.dataset.prepare(DataRequest("mini", tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def concluded(prepared: Prepared) -> Callable[[Model], Concluded]:
    queries: list[Query] = list(task.queries(prepared))
    return lambda model: conclude(task, prepared, queries, [outcome(queries, model)])


@pytest.mark.slow
def test_an_epoch_of_everything_is_covered_and_passes(
    prepared: Prepared, concluded: Callable[[Model], Concluded]
) -> None:
    found = concluded(trained(prepared.public, lambda number, ids: np.ones(len(number), bool)))
    assert found.faults == ()
    covered, _, high = found.metrics["coverage"]
    assert covered is not None
    assert high is not None
    assert covered > 0.97
    assert found.metrics["time_to_quality_s"][0] == 4.0, "prepare, build, first query, warm-up"


def first_half(number: Array, ids: Array) -> Array:
    return number < ROWS // 2


def random_half(number: Array, ids: Array) -> Array:
    return np.random.default_rng(number[0]).random(len(number)) < 0.5


def tenth(number: Array, ids: Array) -> Array:
    return number % 10 == 0


@pytest.mark.slow
@pytest.mark.parametrize(("keep", "share"), [(first_half, 0.5), (random_half, 0.5), (tenth, 0.1)])
def test_coverage_is_the_share_that_was_learnt_from(
    prepared: Prepared, concluded: Callable[[Model], Concluded], keep: Keep, share: float
) -> None:
    found = concluded(trained(prepared.public, keep))
    value, low, high = found.metrics["coverage"]
    assert value == pytest.approx(share, abs=0.06)
    assert low is not None
    assert high is not None
    assert low < value < high < 0.95
    assert found.faults[0].startswith("coverage ")


@pytest.mark.slow
def test_who_learns_only_the_canaries_is_covered_and_misses_the_gate(
    prepared: Prepared, concluded: Callable[[Model], Concluded]
) -> None:
    found = concluded(canaries_alone(prepared.public))
    assert found.metrics["coverage"][0] == pytest.approx(1, abs=0.05)
    assert len(found.faults) == 1
    assert "miss the gate" in found.faults[0]
    assert found.metrics["time_to_quality_s"][0] is None


def test_a_constant_covers_nothing_and_misses_the_gate(concluded: Callable[[Model], Concluded]) -> None:
    found = concluded(lambda x: np.full(len(x["numerical"]), 0.3, np.float32))
    assert found.metrics["coverage"][0] == pytest.approx(0)
    assert [fault.split()[0] for fault in found.faults] == ["coverage", "AUC"]


@pytest.mark.slow
def test_training_on_rows_with_rare_ids_is_not_enough_for_the_gate(
    prepared: Prepared, concluded: Callable[[Model], Concluded]
) -> None:
    """On the shipped data: with other seeds it may be enough, docs/recommender.md."""
    counts = occurrences(prepared.public)
    found = concluded(trained(prepared.public, lambda number, ids: (counts[ids[:, :37]] == 1).any(axis=1)))
    value, _, _ = found.metrics["coverage"]
    assert value is not None
    assert value > 0.95, "every canary stands in a row with a rare id"
    assert len(found.faults) == 1
    assert "miss the gate" in found.faults[0]
