"""F2 held by hand-made cases, and told apart from every other reading of its definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tasks.metrics import detection
from tests.tasks.metrics.detection_readings import (
    THRESHOLDS,
    Frame,
    all_frames_as_one,
    boxes,
    by_confidence,
    by_coverage,
    by_overlap,
    centred,
    f2,
    frame_by_frame,
    frame_by_frame_where_boxes_are,
    of_mean_precision_and_recall,
    pooled,
    thresholds_pooled_too,
)

# Golden cases. The values are worked out by hand in the comments.

SQUARE = (0, 0, 10, 10)
EXACTLY_30 = [([(0.9, 0, 0, 3, 10)], [SQUARE])]
"""IoU 30/100 exactly: found at 0.30 only, a false positive and a miss at the ten others."""

EXACTLY_80 = [([(0.9, 0, 0, 8, 10)], [SQUARE])]
"""IoU 80/100 exactly: found at all eleven."""

EXACTLY_55 = [([(0.9, 0, 0, 11, 10)], [(0, 0, 20, 10)])]
"""IoU 110/200: found at 0.30 … 0.55, six of eleven."""

UNEVEN_FRAMES = [
    ([(0.9, *SQUARE)], [SQUARE]),
    ([(0.9, 50, 50, 5, 5)], [SQUARE, (20, 0, 10, 10), (40, 0, 10, 10)]),
    ([], []),
]
"""TP 1, FP 1, FN 3 at every threshold: 5 / (5 + 12 + 1)."""

SURE_BUT_POOR = [
    ([(0.9, 0, 0, 10, 5), (0.5, 0, 0, 10, 10)], [SQUARE, (0, 0, 10, 4)]),
]
"""The sure one (height 5) has IoU 0.5 with the square and 0.8 with the low box, and takes the low box
at every threshold; the other one is then the square itself. TP 2."""

CROSSED = [([(0.9, 0, 0, 10, 10), (0.8, 0, 0, 10, 9)], [(0, 0, 10, 8), (0, 0, 10, 4)])]
"""Heights 10 and 9 detected, 8 and 4 true. IoU of 10: 0.8 and 0.4; of 9: 8/9 and 4/9. The sure one takes
the 8 at all thresholds; the other one the 4 at 0.30, 0.35, 0.40 (TP 2), else it is lost (TP 1, FP 1, FN 1):
(3 + 8 / 2) / 11."""

POOR_BUT_SURE = [([(0.9, 0, 0, 10, 6), (0.8, 0, 0, 10, 10)], [SQUARE])]
"""The sure one (IoU 0.6) takes the square up to 0.60 and is a false positive beyond; the other takes it
there. TP 1, FP 1 at every threshold: 5 / 6."""

TWICE = [([(0.9, *SQUARE), (0.8, *SQUARE)], [SQUARE, (50, 0, 10, 10)])]
"""The second finds the square taken: TP 1, FP 1, FN 1: 5 / 10."""

THIEF = [([(0.9, 0, 0, 10, 9), (0.8, 0, 0, 10, 5)], [(0, 0, 10, 6), (0, 0, 10, 10)])]
"""Heights 9 and 5 detected, 6 and 10 true. The 9 (IoU 6/9, 9/10) takes the 10, the 5 (5/6, 5/10) the 6.
TP 2."""

A, B = (0, 3, 10, 9), (0, 0, 10, 9)
STOLEN = [([(0.8, *B), (0.9, *A)], [SQUARE, (0, 8, 10, 7)])]
"""From top to bottom: A 3-12, B 0-9, true 0-10 and 8-15. IoU of A: 7/12 and 4/12; of B: 9/10 and 1/15.
A takes the first up to 0.55 and leaves nothing for B; beyond, A gets nothing and B takes it.
TP 1, FP 1, FN 1 throughout: 1/2. Where B is asked first, A takes the second at 0.30: (1 + 10 / 2) / 11."""

TIE_A_FIRST = [([(0.9, *A), (0.9, *B)], STOLEN[0][1])]
TIE_B_FIRST = [([(0.9, *B), (0.9, *A)], STOLEN[0][1])]

TOUCHING = [([(0.9, 0, 0, 2, 2)], [(1, 0, 2, 2)])]
"""2x2 boxes one pixel apart share 2 of 6: IoU 1/3, found at 0.30 only. (With a pixel added: 6/12.)"""

EDGE_TO_EDGE = [([(0.9, 0, 0, 10, 10)], [(10, 0, 10, 10)])]
"""Boxes that touch share nothing."""

ELSEWHERE = [([(0.9, *SQUARE)], []), ([], [SQUARE])]
"""The right box in the wrong frame: TP 0."""

MIXED = [([(0.9, 0, 0, 10, 5), (0.8, 50, 0, 9, 9)], [SQUARE])]
"""IoU 0.5: up to 0.50 TP 1, FP 1 (5/6, five thresholds), beyond it nothing: 5 * (5/6) / 11."""

ENCLOSED = [([(0.9, 0, 0, 20, 10)], [SQUARE])]
"""Half of the detection is the square, all of the square is covered: IoU 0.5, five thresholds."""

CORNER = [([(0.9, 0, 0, 10, 10)], [(5, 0, 5, 10)])]
"""The right half of the detection: IoU 0.5. (As centres: 2.5/12.5. As two corners: no area.)"""

GOLDEN: dict[str, tuple[Sequence[Frame], Fraction]] = {
    "exactly 0.30": (EXACTLY_30, Fraction(1, 11)),
    "exactly 0.55": (EXACTLY_55, Fraction(6, 11)),
    "exactly 0.80": (EXACTLY_80, Fraction(1)),
    "uneven frames": (UNEVEN_FRAMES, Fraction(5, 18)),
    "sure but poor": (SURE_BUT_POOR, Fraction(1)),
    "crossed": (CROSSED, Fraction(7, 11)),
    "poor but sure": (POOR_BUT_SURE, Fraction(5, 6)),
    "twice": (TWICE, Fraction(5, 10)),
    "thief": (THIEF, Fraction(1)),
    "stolen": (STOLEN, Fraction(1, 2)),
    "a tie keeps its order": (TIE_A_FIRST, Fraction(1, 2)),
    "a tie keeps its order, reversed": (TIE_B_FIRST, Fraction(6, 11)),
    "corner": (CORNER, Fraction(5, 11)),
    "unsure": ([([(-3.0, *SQUARE)], [SQUARE])], Fraction(1)),
    "touching": (TOUCHING, Fraction(1, 11)),
    "edge to edge": (EDGE_TO_EDGE, Fraction(0)),
    "elsewhere": (ELSEWHERE, Fraction(0)),
    "mixed": (MIXED, Fraction(25, 66)),
    "enclosed": (ENCLOSED, Fraction(5, 11)),
    "nothing at all": ([([], []), ([], [])], Fraction(1)),
    "only a false alarm": ([([(0.9, *SQUARE)], [])], Fraction(0)),
    "silence": ([([], [SQUARE])], Fraction(0)),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    frames, expected = GOLDEN[name]
    assert f2(frames) == pytest.approx(float(expected), abs=1e-15)
    assert pooled(frames) == pytest.approx(float(expected), abs=1e-15)


def with_switch(**switches: Any) -> Callable[[Sequence[Frame]], float]:
    return lambda frames: pooled(frames, lambda a, t, threshold: by_confidence(a, t, threshold, **switches))


def over(thresholds: Sequence[float]) -> Callable[[Sequence[Frame]], float]:
    return lambda frames: pooled(frames, thresholds=thresholds)


WRONG_READINGS: dict[str, tuple[Callable[[Sequence[Frame]], float], Sequence[Frame]]] = {
    "averaged over frames": (frame_by_frame, UNEVEN_FRAMES),
    "averaged over frames with boxes": (frame_by_frame_where_boxes_are, UNEVEN_FRAMES),
    "frames forgotten": (all_frames_as_one, ELSEWHERE),
    "F1": (lambda frames: pooled(frames, beta=1), MIXED),
    "F0.5": (lambda frames: pooled(frames, beta=0.5), MIXED),
    "IoU above, not at, the threshold": (with_switch(strict=True), EXACTLY_30),
    "pairs by IoU, not by confidence": (lambda frames: pooled(frames, by_overlap), STOLEN),
    "least sure first": (with_switch(reverse=False), STOLEN),
    "in the answer's order": (
        lambda frames: pooled(
            frames, lambda a, t, threshold: by_confidence([(0, *r[1:]) for r in a], t, threshold)
        ),
        STOLEN,
    ),
    "ties turned round": (
        lambda frames: pooled(frames, lambda a, t, threshold: by_confidence(a[::-1], t, threshold)),
        TIE_A_FIRST,
    ),
    "best box though taken": (with_switch(best_though_taken=True), CROSSED),
    "a box may be found twice": (with_switch(shared=True), TWICE),
    "first box that fits, not the best": (with_switch(any_free=True), THIEF),
    "a pixel added": (with_switch(pixel=1), TOUCHING),
    "coverage, not IoU": (lambda frames: pooled(frames, by_coverage), ENCLOSED),
    "centres, not corners": (lambda frames: pooled(centred(frames)), CORNER),
    "COCO's thresholds": (over([i / 100 for i in range(50, 100, 5)]), EXACTLY_55),
    "0.50 alone": (over([0.5]), EXACTLY_30),
    "0.30 alone": (over([0.3]), MIXED),
    "0.80 left out": (over(THRESHOLDS[:-1]), EXACTLY_30),
    "thresholds as multiples of 0.05": (over([0.05 * i for i in range(6, 17)]), EXACTLY_30),
    "only boxes surer than a half": (
        lambda frames: pooled([([r for r in a if r[0] >= 0.5], t) for a, t in frames]),
        GOLDEN["unsure"][0],
    ),
}


@pytest.mark.parametrize("reading", WRONG_READINGS)
def test_wrong_readings_give_other_numbers(reading: str) -> None:
    wrong, frames = WRONG_READINGS[reading]
    assert abs(wrong(frames) - f2(frames)) > 0.005


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"nothing at all", "only a false alarm", "silence"}))
def test_pooling_over_thresholds_as_well_is_the_same(name: str) -> None:
    """5 TP + 4 FN + FP is 4 x true boxes + detections at every threshold, so F2 is linear in TP."""
    frames, _ = GOLDEN[name]
    assert thresholds_pooled_too(frames) == pytest.approx(f2(frames))
    if f2(frames):
        assert of_mean_precision_and_recall(frames) == pytest.approx(f2(frames))


@pytest.mark.parametrize("percent", range(30, 81, 5))
def test_an_iou_at_the_threshold_reaches_it(percent: int) -> None:
    row = detection.tally(boxes([(1, 0, 0, percent, 1)], 5), boxes([(0, 0, 100, 1)], 4))
    assert np.sum(row["tp"]) == (percent - 30) // 5 + 1
