"""The task on real photographs: people in COCO's pictures stand in for starfish."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from datasets.reef.photo import decode
from harness.spec import DataRequest, Query
from tasks.cots import task

Array = np.ndarray[Any, np.dtype[Any]]
ROOT = Path(__file__).parents[2]
PERSON = 0
VIDEOS = 4


def photographs() -> Path:
    data = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "coco_train128").is_dir():
        pytest.skip(f"no check data: {data / 'coco_train128'} is not there")
    return data / "coco_train128"


def person_boxes(labels: Path, height: int, width: int) -> list[dict[str, float]]:
    """Turn ``class cx cy w h`` in shares of the picture into boxes in pixels."""
    boxes = []
    for line in labels.read_text().splitlines() if labels.exists() else []:
        kind, *shares = line.split()
        if int(kind) == PERSON:
            centre_x, centre_y, w, h = (float(share) for share in shares)
            box = {"x": (centre_x - w / 2) * width, "y": (centre_y - h / 2) * height}
            boxes.append(box | {"width": w * width, "height": h * height})
    return boxes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """128 pictures in Kaggle's layout: four videos of four sequences of eight frames."""
    coco, target = photographs(), tmp_path_factory.mktemp("people")
    rows = []
    for number, image in enumerate(sorted((coco / "images").glob("*.jpg"))):
        video, frame = number % VIDEOS, number // VIDEOS
        height, width = decode(image).shape[:2]
        place = target / "train_images" / f"video_{video}" / f"{frame}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image, place)
        rows.append(
            {
                "video_id": video,
                "sequence": 100 * video + frame // 8,
                "video_frame": frame,
                "sequence_frame": frame % 8,
                "image_id": f"{video}-{frame}",
                "annotations": person_boxes(coco / "boxes" / f"{image.stem}.txt", height, width),
            }
        )
    pd.DataFrame(rows).to_csv(target / "train.csv", index=False)
    return target


@pytest.fixture(scope="module")
def queries(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Query]:
    request = DataRequest("full", tmp_path_factory.mktemp("cache"), source=folder)
    return list(task.queries(task.dataset.prepare(request)))


def scored(queries: Sequence[Query], model: Callable[[Query], Array]) -> dict[str, float]:
    answers = [task.check(model(query), query) for query in queries]
    truths = [query.truth for query in queries]
    rows = [task.tally(answer, truth) for answer, truth in zip(answers, truths, strict=True)]
    sums = {name: np.sum([np.asarray(row[name]) for row in rows], axis=0) for name in rows[0]}
    assert task.overall is not None
    return {"f2": float(task.aggregate(sums)["f2"]), **task.overall(answers, truths)}


def oracle(query: Query) -> Array:
    return np.column_stack([np.full(len(query.truth), 0.9), query.truth])


def silence(query: Query) -> Array:
    return np.empty((0, 5))


def test_half_the_pictures_are_asked_about(queries: list[Query]) -> None:
    assert len(queries) == 64
    assert {query.cluster.split("-")[0]: query.split for query in queries} == {"1": "public", "2": "private"}
    assert len({query.cluster for query in queries}) == 8
    assert sum(len(query.truth) for query in queries) > 50


def frame_of(query: Query) -> Array:
    handed: Any = query.load()
    return np.asarray(handed["frame"])


def test_frames_come_in_their_own_sizes(queries: list[Query]) -> None:
    shapes = {frame_of(query).shape for query in queries}
    assert len(shapes) > 5
    assert all(len(shape) == 3 and shape[2] == 3 for shape in shapes)


def test_boxes_lie_on_their_pictures(queries: list[Query]) -> None:
    for query in queries:
        height, width = frame_of(query).shape[:2]
        ends = query.truth[:, :2] + query.truth[:, 2:]
        assert (query.truth[:, :2] > -1).all()
        assert (ends < np.array([width, height]) + 1).all()


@pytest.mark.parametrize("split", ["public", "private"])
def test_a_perfect_oracle_scores_one(queries: list[Query], split: str) -> None:
    asked = [query for query in queries if query.split == split]
    values = scored(asked, oracle)
    assert values["f2"] == 1.0
    assert values["ap"] == pytest.approx(1.0, abs=1e-12)
    assert values["ap50"] == pytest.approx(1.0, abs=1e-12)


def test_an_oracle_in_single_precision_scores_one(queries: list[Query]) -> None:
    assert scored(queries, lambda query: oracle(query).astype(np.float32))["f2"] == 1.0


@pytest.mark.parametrize("split", ["public", "private"])
def test_an_empty_one_scores_zero(queries: list[Query], split: str) -> None:
    assert scored([q for q in queries if q.split == split], silence) == {"f2": 0.0, "ap": 0.0, "ap50": 0.0}


def test_half_an_oracle_lies_between(queries: list[Query]) -> None:
    values = scored(queries, lambda query: oracle(query)[::2])
    assert 0.5 < values["f2"] < 0.9
    assert 0.3 < values["ap"] < 0.9


def test_boxes_a_third_off_are_half_right(queries: list[Query]) -> None:
    """Moved by a third of their width, boxes keep IoU 1/2: five of eleven, but for neighbours in crowds."""

    def moved(query: Query) -> Array:
        rows = oracle(query)
        rows[:, 1] += rows[:, 3] / 3.0001
        return rows

    assert scored(queries, moved)["f2"] == pytest.approx(5 / 11, abs=0.05)
