"""The task as the harness sees it, on a small folder in Kaggle's layout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.interactions import Independent
from harness.scoring.scores import score
from harness.spec import DataRequest, Prepared, Query
from harness.spec.errors import BadData
from tasks.cots.task import task
from tests.datasets import reef_folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    source = reef_folder.make(tmp_path_factory.mktemp("mine"), videos=3, sequences=2, length=4)
    return task.dataset.prepare(DataRequest("full", tmp_path_factory.mktemp("cache"), source=source))


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> list[Query]:
    return list(task.queries(prepared))


def test_frames_of_both_splits_in_order(queries: list[Query]) -> None:
    assert [query.id for query in queries[:5]] == ["1-0", "1-1", "1-2", "1-3", "1-100"]
    assert [query.cluster for query in queries] == [
        cluster for cluster in ("1-2000", "1-2001", "2-3000", "2-3001") for _ in range(4)
    ]
    assert {(query.cluster[0], query.split) for query in queries} == {("1", "public"), ("2", "private")}


def test_a_query_hands_over_the_frame_and_where_it_was_taken(queries: list[Query]) -> None:
    query = queries[5]
    handed: Any = query.load()
    assert {name: (array.dtype.str, array.shape) for name, array in handed.items()} == {
        "frame": ("|u1", (24, 40, 3)),
        "video_id": ("<i8", ()),
        "sequence": ("<i8", ()),
        "sequence_frame": ("<i8", ()),
    }
    assert (handed["video_id"], handed["sequence"], handed["sequence_frame"]) == (1, 2001, 1)
    assert query.truth.tolist() == [[4, 2, 10, 8]]
    assert queries[4].truth.shape == (0, 4)


def test_nothing_handed_over_tells_the_truth(queries: list[Query]) -> None:
    handed: Any = queries[5].load()
    assert not {"annotations", "boxes", "truth"} & set(handed)


def test_a_frame_that_went_bad_is_our_users_matter(prepared: Prepared, queries: list[Query]) -> None:
    image = prepared.private / "test_images" / "video_2" / "0.jpg"
    query = next(query for query in queries if query.id == "2-0")
    sound = image.read_bytes()
    image.unlink()
    image.write_bytes(sound[:-9])
    with pytest.raises(BadData, match=r"video_2/0\.jpg is truncated"):
        query.load()
    image.write_bytes(sound)
    assert query.load() is not None


def test_declaration() -> None:
    assert [metric.name for metric in task.metrics] == ["f2", "ap", "ap50"]
    assert [metric.resample is not None for metric in task.metrics] == [True, False, False]
    assert task.interaction == Independent(ordered=True, shared=True)
    assert (task.execution.scenario, task.execution.reference) == ("single_stream", "blob")


def test_every_metric_has_a_value_where_nothing_is_found(queries: list[Query]) -> None:
    answers = {index: task.answer.check(np.empty((0, 5)), query) for index, query in enumerate(queries)}
    metrics = score(task, queries, [answers], "public").metrics
    assert metrics.keys() == {metric.name for metric in task.metrics}
    assert all(measure.value is not None for measure in metrics.values())


def test_listing_the_task_imports_nothing_heavy() -> None:
    heavy = "{'cv2', 'pandas', 'hotcoco', 'kaggle', 'pydantic'}"
    code = f"import sys; from tasks.cots import task; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[]\n"
