"""The fine-tune division: every process is told ten labels a class of its own, and answers with scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness import ROOT
from harness.intake.lookup import find_submission, shipped_names
from harness.spec import DataRequest, Places, Prepared, ProcessOutcome, Query
from harness.spec.errors import InvalidSubmission
from tasks.ssl.task import task as ssl
from tasks.ssl_finetune.task import params_per_process, task
from tests.tasks.outcomes import conclude
from tests.tasks.ssl.ssl_scores import accuracy


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return task.dataset.prepare(DataRequest("digits", tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> Sequence[Query]:
    return task.queries(prepared)


def hidden_labels(prepared: Prepared) -> Any:
    with np.load(prepared.private / "hidden.npz") as held:
        return held["pool_labels"]


def test_each_process_is_told_its_own_draw(prepared: Prepared, queries: Sequence[Query]) -> None:
    told: list[Any] = [params_per_process(queries, number) for number in (0, 0, 1)]
    for one in told:
        assert (hidden_labels(prepared)[one["labelled"]] == one["labels"]).all()
        assert np.bincount(one["labels"]).tolist() == [10] * 10
    assert told[0] == told[1]
    assert set(told[0]["labelled"]) != set(told[2]["labelled"])


def test_the_class_with_the_largest_score_counts(queries: Sequence[Query]) -> None:
    assert accuracy(task, queries, lambda x, block: np.eye(10)[block.labels], "accuracy") == 100
    wrong = accuracy(task, queries, lambda x, block: np.eye(10)[(block.labels + 1) % 10], "accuracy")
    assert wrong == 0


def test_scores_have_one_number_a_class(queries: Sequence[Query]) -> None:
    count = len(queries[0].truth.place)
    for width in (9, 11):
        with pytest.raises(InvalidSubmission, match="10"):
            task.answer.check(np.zeros((count, width)), queries[0])


def test_the_reference_learns_from_the_few_labels(prepared: Prepared, queries: Sequence[Query]) -> None:
    ridge: dict[str, Any] = {}
    exec((ROOT / "submissions" / "ssl_finetune" / "ridge.py").read_text(), ridge)
    found = []
    for number in range(2):
        model = ridge["build"](
            SimpleNamespace(public=prepared.public, params=params_per_process(queries, number))
        )
        found.append(accuracy(task, queries, lambda x, block, model=model: model(x), "accuracy"))
    assert all(70 < value < 90 for value in found)


def test_the_deviation_is_over_draws(prepared: Prepared, queries: Sequence[Query]) -> None:
    def outcome(right: bool) -> ProcessOutcome:
        answers = {
            index: task.answer.check(np.eye(10)[(query.truth.labels + (not right)) % 10], query)
            for index, query in enumerate(queries)
        }
        return ProcessOutcome(answers, {"build": 1.0}, [(index, 0.1) for index in answers])

    found = conclude(task, prepared, queries, [outcome(True), outcome(False)])
    assert found.metrics["draw_sd"][0] == pytest.approx(100 / np.sqrt(2))


def test_the_entries_share_the_other_divisions_code(tmp_path: Path) -> None:
    places = Places.under(tmp_path)
    assert shipped_names(task) == ["ridge", "scratch", "scratch_augmented", "simclr_tuned"]
    tuned, plain = (
        find_submission(of, name, places).path for of, name in ((task, "simclr_tuned"), (ssl, "simclr"))
    )
    names = {path.name for path in plain.iterdir()}
    assert names == {path.name for path in tuned.iterdir()}
    assert {name for name in names if (tuned / name).read_bytes() != (plain / name).read_bytes()} == {
        "submission.py"
    }
