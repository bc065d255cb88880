"""Which answers are masks, and what the contestant is told about the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.spec import Query
from harness.spec.errors import InvalidSubmission
from tasks.metrics.masks import Truth, check

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

EMPTY = np.zeros((2, 3), bool)
QUERY = Query("clip-0", "clip", "public", lambda: EMPTY, Truth((2, 3), 0, 1, lambda: EMPTY))


@pytest.mark.parametrize(
    "answer",
    [
        np.array([[0.0, 0.5, 0.51], [1.0, 1.0005, -0.0005]], np.float32),
        np.array([[0.0, 0.5, 0.51], [1.0, 1.0, 0.0]], np.float16),
        np.array([[0, 0, 1], [1, 1, 0]], np.uint8),
        np.array([[False, False, True], [True, True, False]]),
    ],
)
def test_every_form_of_a_mask_becomes_a_bool_one(answer: Array) -> None:
    found = check(answer, QUERY)
    assert found.dtype == bool
    assert found.tolist() == [[False, False, True], [True, True, False]]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.zeros((3, 2), np.float32), r"shape \(3, 2\), the frame is 2 x 3; resize the mask to \(2, 3\)"),
        (np.zeros((2, 3, 1), np.float32), r"shape \(2, 3, 1\)"),
        (np.zeros(6, np.float32), r"shape \(6,\)"),
        (np.zeros((2, 3), np.int64), "holds int64"),
        (np.zeros((2, 3), np.complex64), "holds complex64"),
        (np.full((2, 3), 255, np.uint8), "uint8 mask holds 255"),
        (np.array([[0, 0, np.nan], [0, 0, 0]], np.float32), "NaN"),
        (np.array([[0, 0, np.inf], [0, 0, 0]], np.float32), "from 0 to inf"),
        (np.array([[0, 0, 3.5], [-2, 0, 0]], np.float32), "from -2 to 3.5.*sigmoid"),
        ({"mask": np.zeros((2, 3), np.float32)}, "is a mapping"),
    ],
)
def test_what_is_no_mask_is_named(answer: Arrays, said: str) -> None:
    with pytest.raises(InvalidSubmission, match=f"frame clip-0: .*{said}"):
        check(answer, QUERY)
