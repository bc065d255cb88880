"""Golden values of the mask metrics, worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tasks.metrics.masks import QUALITY, Truth, boundary, boundary_iou, tally

if TYPE_CHECKING:
    from harness.spec import Array


def box(height: int, width: int, top: int, left: int, bottom: int, right: int) -> Array:
    mask = np.zeros((height, width), bool)
    mask[top:bottom, left:right] = True
    return mask


def truth(mask: Array, group: int = 0, groups: int = 1) -> Truth:
    return Truth(mask.shape, group, groups, lambda: mask)


def scores(*rows: dict[str, Array | float]) -> dict[str, float]:
    sums = {name: np.sum([row[name] for row in rows], axis=0)[None] for name in rows[0]}
    return {name: float(value[0]) for name, value in QUALITY.resampled(sums).items()}


def test_iou_is_intersection_over_union() -> None:
    # 4 x 4 against the same moved by one column: 12 common, 20 in all.
    row = tally(box(10, 10, 0, 1, 4, 5), truth(box(10, 10, 0, 0, 4, 4)))
    assert (row["intersection"], row["union"], row["iou"], row["people"]) == (12, 20, 0.6, 1)


def test_mean_iou_weighs_frames_and_pooled_iou_pixels() -> None:
    small = tally(box(10, 10, 0, 0, 1, 1), truth(box(10, 10, 0, 0, 1, 4)))  # 1/4
    large = tally(box(10, 10, 0, 0, 6, 10), truth(box(10, 10, 0, 0, 6, 10)))  # 60/60
    found = scores(small, large)
    assert found["mean_iou"] == (0.25 + 1) / 2
    assert found["pooled_iou"] == 61 / 64


@pytest.mark.parametrize(("marked", "iou"), [(np.ones((4, 5), bool), 1.0), (np.zeros((4, 5), bool), 0.0)])
def test_full_and_empty_answers_to_a_full_frame(marked: Array, iou: float) -> None:
    found = scores(tally(marked, truth(np.ones((4, 5), bool))))
    assert (found["mean_iou"], found["boundary_iou"], found["pooled_iou"]) == (iou, iou, iou)
    assert np.isnan(found["empty_area"])


def test_a_frame_without_people_counts_in_pooled_iou_and_empty_area_alone() -> None:
    person = tally(box(10, 10, 0, 0, 3, 10), truth(box(10, 10, 0, 0, 3, 10)))
    nobody = tally(box(10, 10, 0, 0, 1, 10), truth(np.zeros((10, 10), bool)))
    found = scores(person, nobody)
    assert (found["mean_iou"], found["boundary_iou"], found["worst_group_iou"]) == (1, 1, 1)
    assert found["pooled_iou"] == 30 / 40
    assert found["empty_area"] == 10 / 100


def test_nothing_but_rightly_empty_frames_has_no_iou() -> None:
    found = scores(tally(np.zeros((3, 3), bool), truth(np.zeros((3, 3), bool))))
    assert found["empty_area"] == 0
    assert all(
        np.isnan(found[name]) for name in ("mean_iou", "pooled_iou", "boundary_iou", "worst_group_iou")
    )


def test_the_worst_group_is_the_lowest_mean_of_those_that_have_frames() -> None:
    full, half = np.ones((2, 2), bool), box(2, 2, 0, 0, 1, 2)
    found = scores(
        tally(full, truth(full, 0, 3)), tally(half, truth(full, 1, 3)), tally(full, truth(full, 1, 3))
    )
    assert found["worst_group_iou"] == 0.75  # group 1; group 2 has no frames


def test_the_boundary_is_two_percent_of_the_diagonal_wide() -> None:
    mask = box(60, 80, 10, 10, 50, 70)  # diagonal 100: a band of 2 pixels
    band = boundary(mask)
    assert band.sum() == 40 * 60 - 36 * 56
    assert not band[12:48, 12:68].any()


def test_the_edge_of_the_frame_is_a_boundary() -> None:
    assert boundary(np.ones((60, 80), bool)).sum() == 60 * 80 - 56 * 76


def test_boundary_iou_by_hand() -> None:
    # Bands of 1 pixel: a 4 x 4 ring of 12 and a 4 x 5 ring of 14 that share three sides: 10 of 16.
    a, b = box(20, 20, 5, 5, 9, 9), box(20, 20, 5, 5, 9, 10)
    assert boundary_iou(a, b) == pytest.approx(10 / 16)


def test_a_shift_costs_the_boundary_more_than_the_area() -> None:
    true, marked = box(60, 80, 10, 10, 50, 70), box(60, 80, 10, 12, 50, 72)
    row = tally(marked, truth(true))
    assert row["boundary_iou"] < row["iou"]


masks = arrays(bool, (7, 9), elements=st.booleans())


@given(masks, masks)
def test_iou_is_symmetric_and_one_for_equal_masks(a: Array, b: Array) -> None:
    assert boundary_iou(a, b) == boundary_iou(b, a)
    if a.any():
        assert tally(a, truth(a))["iou"] == boundary_iou(a, a) == 1
    if a.any() and b.any():
        assert tally(a, truth(b))["iou"] == tally(b, truth(a))["iou"]


@given(masks, st.integers(1, 12))
def test_one_large_erosion_is_many_small_ones(mask: Array, width: int) -> None:
    """The published code erodes by 3 x 3 again and again."""
    import cv2

    padded = np.pad(mask.astype(np.uint8), 1)
    many = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=width)
    once = cv2.erode(padded, np.ones((2 * width + 1, 2 * width + 1), np.uint8))
    assert (many[1:-1, 1:-1] == once[1:-1, 1:-1]).all()
