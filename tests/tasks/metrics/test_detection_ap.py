"""COCO's average precision: hotcoco held to pycocotools to the last bit, and a few values by hand."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.metrics import detection

Array = np.ndarray[Any, np.dtype[Any]]


def pycocotools_ap(answers: Sequence[Array], truths: Sequence[Array]) -> dict[str, float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    annotations = [
        {"image_id": image, "category_id": 1, "bbox": box.tolist(), "area": box[2] * box[3], "iscrowd": 0}
        for image, boxes in enumerate(truths, 1)
        for box in boxes
    ]
    results = [
        {"image_id": image, "category_id": 1, "bbox": row[1:].tolist(), "score": row[0]}
        for image, rows in enumerate(answers, 1)
        for row in rows
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        real = COCO()
        real.dataset = {
            "images": [{"id": image} for image in range(1, len(truths) + 1)],
            "categories": [{"id": 1, "name": "object"}],
            "annotations": [annotation | {"id": i} for i, annotation in enumerate(annotations, 1)],
        }
        real.createIndex()
        # loadRes refuses an empty list.
        found = real.loadRes(results) if results else COCO()
        evaluation = COCOeval(real, found, "bbox")
        evaluation.params.imgIds = list(range(1, len(truths) + 1))
        evaluation.params.catIds = [1]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return {"ap": float(evaluation.stats[0]), "ap50": float(evaluation.stats[1])}


def scene(
    seed: int, frames: int, most_true: int, noise: float, levels: int
) -> tuple[list[Array], list[Array]]:
    """Frames with jittered, repeated and false detections; few ``levels`` of confidence make ties."""
    random = np.random.default_rng(seed)
    answers, truths = [], []
    for _ in range(frames):
        count = random.integers(0, most_true + 1)
        truth = np.column_stack([random.uniform(-20, 600, (count, 2)), random.uniform(1, 120, (count, 2))])
        again = truth[random.random(count) < 0.3]
        false = np.column_stack([random.uniform(0, 600, (3, 2)), random.uniform(1, 80, (3, 2))])
        near = np.concatenate([truth[random.random(count) < 0.8], again, false])
        near = near + random.normal(0, noise, near.shape)
        near[:, 2:] = np.maximum(near[:, 2:], 0.5)
        confidence = random.integers(0, levels, len(near)) / levels - 0.3
        answers.append(np.column_stack([confidence, near]))
        truths.append(truth)
    return answers, truths


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 6), st.sampled_from([0.0, 1.0, 6.0, 20.0]))
@pytest.mark.parametrize("levels", [3, 10**6])
def test_equals_pycocotools_to_the_last_bit(
    levels: int, seed: int, frames: int, most_true: int, noise: float
) -> None:
    answers, truths = scene(seed, frames, most_true, noise, levels)
    if any(map(len, truths)):
        assert detection.average_precision(answers, truths) == pycocotools_ap(answers, truths)


def test_equals_pycocotools_beyond_a_hundred_detections() -> None:
    answers, truths = scene(5, 3, 90, 4.0, 20)
    answers = [np.concatenate([rows, rows, rows]) for rows in answers]
    assert max(map(len, answers)) > 100
    assert detection.average_precision(answers, truths) == pycocotools_ap(answers, truths)


def test_equals_pycocotools_at_iou_on_the_threshold() -> None:
    truths = [np.array([[0.0, 0.0, 100.0, 1.0]])] * 10
    answers = [np.array([[0.5, 0.0, 0.0, float(percent), 1.0]]) for percent in range(50, 100, 5)]
    assert detection.average_precision(answers, truths) == pycocotools_ap(answers, truths)


def test_equals_pycocotools_on_silence() -> None:
    truths = [np.array([[3.0, 3.0, 5.0, 5.0]]), np.empty((0, 4))]
    answers = [np.empty((0, 5)), np.empty((0, 5))]
    assert detection.average_precision(answers, truths) == pycocotools_ap(answers, truths)
    assert detection.average_precision(answers, truths) == {"ap": 0.0, "ap50": 0.0}


def test_by_hand() -> None:
    """One box found with IoU 0.72: right at 0.50 … 0.70 (five of ten), wrong beyond."""
    truths = [np.array([[0.0, 0.0, 100.0, 1.0]])]
    values = detection.average_precision([np.array([[0.9, 0.0, 0.0, 72.0, 1.0]])], truths)
    assert values["ap"] == pytest.approx(0.5, abs=1e-12)
    assert values["ap50"] == pytest.approx(1.0, abs=1e-12)
    # A surer false alarm halves the precision at every recall.
    values = detection.average_precision(
        [np.array([[0.95, 500.0, 500.0, 9.0, 9.0], [0.9, 0.0, 0.0, 72.0, 1.0]])], truths
    )
    assert values["ap"] == pytest.approx(0.25, abs=1e-12)


def test_nothing_to_find() -> None:
    nothing = [np.empty((0, 4))] * 2
    assert detection.average_precision([np.empty((0, 5))] * 2, nothing) == {"ap": 1.0, "ap50": 1.0}
    alarm = [np.empty((0, 5)), np.array([[0.9, 0.0, 0.0, 5.0, 5.0]])]
    assert detection.average_precision(alarm, nothing) == {"ap": 0.0, "ap50": 0.0}


def test_truth_is_perfect_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    _, truths = scene(1, 20, 5, 0.0, 9)
    answers = [np.column_stack([np.full(len(truth), 0.7), truth]) for truth in truths]
    assert detection.average_precision(answers, truths) == pytest.approx({"ap": 1.0, "ap50": 1.0}, abs=1e-12)
    assert capfd.readouterr() == ("", "")
