"""What counts as an answer, and what is said about anything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.spec import Query
from harness.spec.errors import InvalidSubmission
from tasks.metrics import detection

QUERY = Query("0-17", "0-3", "public", lambda: np.zeros(1), np.empty((0, 4)))
GOOD = [[0.9, 1, 2, 3, 4], [0.1, -5, 6, 7, 8]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.uint8, ">f4"])
def test_numbers_become_float64(dtype: Any) -> None:
    given = np.abs(np.array(GOOD)).astype(dtype)
    rows = detection.check(given, QUERY)
    assert rows.dtype == np.float64
    assert np.array_equal(rows, given)


@pytest.mark.parametrize("shape", [(0,), (0, 5)])
def test_none_at_all(shape: tuple[int, ...]) -> None:
    rows = detection.check(np.empty(shape, np.float32), QUERY)
    assert rows.shape == (0, 5)
    assert rows.dtype == np.float64


@pytest.mark.parametrize("confidence", [-1e300, -1.0, 0.0, 1e9])
def test_any_finite_confidence(confidence: float) -> None:
    assert detection.check(np.array([[confidence, 0, 0, 1, 1]]), QUERY)[0, 0] == confidence


def test_the_answer_itself_is_not_changed() -> None:
    given = np.array(GOOD)
    detection.check(given, QUERY)[:] = 0
    assert np.array_equal(given, np.array(GOOD))


def spoiled(column: int, value: float) -> Any:
    rows = np.array(GOOD)
    rows[1, column] = value
    return rows


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"boxes": np.array(GOOD)}, "a mapping; one array of shape (n, 5)"),
        (np.array(GOOD[0]), "shape (5,); asked for is (n, 5)"),
        (np.array(GOOD)[:, :4], "shape (2, 4)"),
        (np.array([GOOD]), "shape (1, 2, 5)"),
        (np.array(3.0), "shape ()"),
        (np.empty((0, 4)), "shape (0, 4)"),
        (np.array([["a"] * 5]), "holds <U1, not numbers"),
        (np.array(GOOD) > 0, "holds bool"),
        (np.array(GOOD) * 1j, "holds complex128"),
        (spoiled(0, np.nan), "row 1 of the answer holds NaN or infinity"),
        (spoiled(2, -np.inf), "row 1 of the answer holds NaN or infinity"),
        (spoiled(3, np.inf), "row 1 of the answer holds NaN or infinity"),
        (spoiled(3, -3), "row 1 of the answer has size -3 x 8; sizes must be above zero"),
        (spoiled(4, 0), "row 1 of the answer has size 7 x 0"),
        (np.ones((1001, 5)), "1,001 boxes; at most 1,000"),
        (np.ones((1_000_000, 5), np.float32), "1,000,000 boxes"),
    ],
)
def test_refused(answer: Any, said: str) -> None:
    with pytest.raises(InvalidSubmission) as caught:
        detection.check(answer, QUERY)
    assert said in str(caught.value)
    assert str(caught.value).startswith("frame 0-17: ")
    assert "\n" not in str(caught.value)


def test_a_thousand_boxes_are_taken() -> None:
    assert len(detection.check(np.ones((1000, 5)), QUERY)) == 1000


def test_absurd_sizes_are_only_wrong() -> None:
    huge = np.array(
        [[1, -1e308, -1e308, 1.7e308, 1.7e308], [1, 0, 0, 1e308, 1e-320], [1, 1e308, 1e308, 1, 1]]
    )
    row = detection.tally(detection.check(huge, QUERY), np.array([[0.0, 0.0, 10.0, 10.0]]))
    assert np.asarray(row["tp"]).tolist() == [0] * 11
    assert np.asarray(row["fp"]).tolist() == [3] * 11
