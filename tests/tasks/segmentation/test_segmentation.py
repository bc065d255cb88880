"""The task as a whole on a small folder of photographs, and its shipped entries as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.intake.lookup import shipped_names
from harness.intake.needs import SharedFile, needs
from harness.scoring.scores import score
from harness.spec import DataRequest, Query
from tasks.segmentation.task import task
from tests.datasets import people_folder
from tests.datasets.people_folder import person

Array = np.ndarray[Any, np.dtype[Any]]
ENTRIES = Path(__file__).parents[3] / "submissions" / "segmentation"


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> list[Query]:
    whole = [[0.0, 0.0, 64.0, 0.0, 64.0, 48.0, 0.0, 48.0]]
    folder = tmp_path_factory.mktemp("people")
    source = people_folder.make(folder / "coco", [person(1), person(2), person(3, whole)])
    return list(task.queries(task.dataset.prepare(DataRequest("full", folder / "cache", source))))


def scored(queries: list[Query], model: Callable[[Query], Array]) -> dict[str, float | None]:
    answers = {index: task.answer.check(model(query), query) for index, query in enumerate(queries)}
    return {
        name: measure.value for name, measure in score(task, queries, [answers], "public").metrics.items()
    }


def test_a_query_is_a_frame_and_its_truth_stays_behind(queries: list[Query]) -> None:
    handed: Any = queries[0].load()
    assert list(handed) == ["frame"]
    assert handed["frame"].shape == (48, 64, 3)
    assert handed["frame"].dtype == np.uint8
    assert queries[0].truth.load().sum() == 32 * 24


def test_the_truth_scores_one(queries: list[Query]) -> None:
    found = scored(queries, lambda query: query.truth.load().astype(np.float32))
    assert found == {
        "mean_iou": 1,
        "pooled_iou": 1,
        "boundary_iou": 1,
        "worst_group_iou": 1,
        "empty_area": None,
    }


def test_marking_everything_scores_the_share_that_is_people(queries: list[Query]) -> None:
    found = scored(queries, lambda query: np.ones(query.truth.shape, bool))
    assert found["mean_iou"] == pytest.approx((0.25 + 0.25 + 1) / 3)
    assert found["pooled_iou"] == pytest.approx(0.5)
    assert found["worst_group_iou"] == pytest.approx(0.25)


def test_the_reference_is_shipped_and_needs_no_download() -> None:
    assert shipped_names(task)[0] == task.execution.reference
    assert not (ENTRIES / task.execution.reference / "needs.json").exists()


@pytest.mark.parametrize(
    "names",
    [("selfie_general", "selfie_landscape"), ("blazepose_lite", "blazepose_full", "blazepose_heavy")],
)
def test_entries_that_differ_in_weights_alone_share_their_code(names: tuple[str, ...]) -> None:
    sources = [(ENTRIES / name / "submission.py").read_text().partition('"""\n')[2] for name in names]
    assert len(set(sources)) == 1
    wanted = [needs(ENTRIES / name) for name in names]
    assert len({tuple(need for need in each if isinstance(need, SharedFile)) for each in wanted}) == 1
    weights = {need.sha256 for each in wanted for need in each if need.file == "model.tflite"}  # type: ignore[union-attr]
    assert len(weights) == len(names)
