"""Pictures of misread digits: only what was misread, where anything was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from harness.figures.evaluation import examples
from harness.intake.lookup import find_task
from harness.scoring.scores import score
from harness.spec import Query
from tasks.drawings.sheet import ACROSS, CAPTION, MOST, SIDE
from tasks.drift.examples import draw
from tasks.drift.spans import Span


def span(number: int, pictures: np.ndarray) -> Query:
    labels = np.arange(len(pictures)) % 10
    truth = Span(number, labels, np.full(len(labels), number), len(labels))
    return Query(f"span-{number:04d}", "c", "public", lambda: pictures, truth)


def answer(query: Query, wrong: int) -> dict[str, np.ndarray]:
    labels = query.truth.labels.copy()
    labels[:wrong] = (labels[:wrong] + 1) % 10
    return {"labels": labels, "retrained": np.asarray(-1)}


@pytest.mark.parametrize("wrong", [1, 9, 30])
def test_a_sheet_has_a_place_for_each_misread_digit(wrong: int) -> None:
    digits = np.random.default_rng(0).uniform(0, 16, (40, 8, 8)).astype(np.float32)
    query = span(3, digits)
    ((name, data),) = draw([query], [answer(query, wrong)]).items()
    assert name == "span-0003.png"
    sheet = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    shown = min(wrong, MOST)
    assert sheet.shape == (-(-shown // ACROSS) * (SIDE + CAPTION), min(shown, ACROSS) * SIDE)
    assert (sheet < 128).any()


def test_spans_with_something_misread_are_picked_before_others() -> None:
    digits, table = np.zeros((12, 8, 8), np.float32), np.zeros((12, 5), np.float32)
    right, numbers = span(0, digits), span(1, table)
    assert list(draw([right, numbers], [answer(right, 0), answer(numbers, 4)])) == ["span-0001.png"]
    assert list(draw([right], [answer(right, 0)])) == ["span-0000.png"]


def test_the_worst_span_is_drawn() -> None:
    digits = np.zeros((20, 8, 8), np.float32)
    queries = [span(number, digits) for number in range(30)]
    answers = {at: answer(query, 15 if at == 17 else 1) for at, query in enumerate(queries)}
    task = find_task("drift")
    assert "span-0017.png" in examples(task, queries, score(task, queries, [answers], "public"))
