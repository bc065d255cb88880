"""Object detection, scored: F2 over eleven IoU thresholds, and COCO's average precision.

Boxes are ``x y width height`` in pixels, the corner at the top left, areas ``width * height``
(no pixel is added). An answer is ``(n, 5)`` rows ``confidence x y width height``, a truth ``(m, 4)``.

F2 is the measure of the TensorFlow Great Barrier Reef challenge (Kaggle, 2021): at each threshold
0.30, 0.35 … 0.80 the detections of a frame, by falling confidence, each take the free true box of
highest IoU if it reaches the threshold; true positives, false positives and misses are pooled over
all frames; F2 = 5 TP / (5 TP + 4 FN + FP), then averaged over the thresholds.
Frozen: a change here is a new version of every task that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Answer, FromAnswers, FromSums, Metric, Positives, Quality
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Query, Row, Table

# Quotients of integers, so that an IoU of exactly 3/10 meets 0.30: both are rounded once, alike.
THRESHOLDS = np.array([i / 100 for i in range(30, 81, 5)])
MOST_BOXES = 1000


def check(answer: Arrays, query: Query) -> Array:
    """Return an answer as float64 ``(n, 5)``; shapes ``(0,)`` and ``(0, 5)`` are no detection.

    Raises InvalidSubmission for anything but up to 1000 rows of finite numbers with positive sizes.
    """
    where = f"frame {query.id}: "
    if isinstance(answer, Mapping):
        raise InvalidSubmission(f"{where}the answer is a mapping; one array of shape (n, 5) is asked for")
    rows = np.asarray(answer)
    if rows.dtype.kind not in "iuf":
        raise InvalidSubmission(f"{where}the answer holds {rows.dtype}, not numbers")
    if rows.shape == (0,):
        return np.empty((0, 5))
    if rows.ndim != 2 or rows.shape[1] != 5:
        raise InvalidSubmission(
            f"{where}the answer has shape {rows.shape}; asked for is (n, 5): confidence x y width height"
        )
    if len(rows) > MOST_BOXES:
        raise InvalidSubmission(f"{where}{len(rows):,} boxes; at most {MOST_BOXES:,} a frame are taken")
    with np.errstate(over="ignore"):
        boxes = rows.astype(np.float64)
    if len(broken := np.flatnonzero(~np.isfinite(boxes).all(axis=1))):
        raise InvalidSubmission(f"{where}row {broken[0]} of the answer holds NaN or infinity")
    if len(broken := np.flatnonzero((boxes[:, 3:] <= 0).any(axis=1))):
        width, height = boxes[broken[0], 3:]
        raise InvalidSubmission(
            f"{where}row {broken[0]} of the answer has size {width:g} x {height:g}; sizes must be above zero"
        )
    return boxes


def iou(detected: Array, true: Array) -> Array:
    """Intersection over union of boxes ``(n, 4)`` and ``(m, 4)``: float64 ``(n, m)`` in [0, 1]."""
    a, b = detected[:, None], true[None]
    # A detection may be absurdly large: an infinite area is a fair denominator.
    with np.errstate(over="ignore"):
        low = np.maximum(a[..., :2], b[..., :2])
        high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
        common = np.maximum(high - low, 0).prod(axis=-1)
        union = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - common
    return np.asarray(common / union)


def tally(answer: Arrays, truth: Array) -> Row:
    """Count one frame: ``tp``, ``fp``, ``fn``, each int64 ``(11,)``, one number a threshold.

    Equal confidences keep the answer's order; of true boxes with equal IoU the first is taken.
    """
    rows = np.asarray(answer)
    true_positives = _matched(rows, truth) if len(rows) and len(truth) else np.zeros(len(THRESHOLDS), int)
    return {
        "tp": true_positives,
        "fp": len(rows) - true_positives,
        "fn": len(truth) - true_positives,
    }


def _matched(rows: Array, truth: Array) -> Array:
    overlaps = iou(rows[np.argsort(-rows[:, 0], kind="stable"), 1:], truth)
    free = np.ones((len(THRESHOLDS), len(truth)), bool)
    # What reaches no threshold takes nothing, so it need not be walked through.
    for overlap in overlaps[overlaps.max(axis=1) >= THRESHOLDS[0]]:
        open_to = np.where(free, overlap, -1.0)
        best = open_to.argmax(axis=1)
        taken = np.flatnonzero(open_to.max(axis=1) >= THRESHOLDS)
        free[taken, best[taken]] = False
    return np.asarray(np.count_nonzero(~free, axis=1))


def true_boxes(rows: Table) -> Array:
    """Return how many boxes there are to find, from tallies ``(..., 11)``: ``(...)``."""
    return np.asarray(rows["tp"][..., 0] + rows["fn"][..., 0])


def f2(sums: Table) -> Array:
    """Turn sums of tallies ``(..., 11)`` into F2 ``(...)``, in [0, 1].

    Nothing to find and nothing reported (0/0) is a perfect answer: 1.
    """
    tp, fp, fn = (np.asarray(sums[name], np.float64) for name in ("tp", "fp", "fn"))
    weight = 5 * tp + 4 * fn + fp
    scores = np.divide(5 * tp, weight, out=np.ones_like(weight), where=weight > 0)
    return np.asarray(scores.mean(axis=-1))


def average_precision(answers: Sequence[Arrays], truths: Sequence[Array]) -> Mapping[str, float]:
    """COCO's AP over all frames: ``ap`` (IoU 0.50:0.95) and ``ap50``, all areas, 100 detections a frame.

    COCO leaves AP open where there is nothing to find; here it is 1 for silence and 0 for anything else.
    """
    rows = [np.asarray(answer) for answer in answers]
    if not any(map(len, truths)):
        silent = float(not any(map(len, rows)))
        return {"ap": silent, "ap50": silent}
    from hotcoco import COCO, COCOeval

    images = [{"id": number} for number in range(1, len(rows) + 1)]
    true_boxes, true_images = np.concatenate(truths), _numbers(truths)
    real = COCO.from_arrays(
        images, [{"id": 1, "name": "object"}], true_images, np.ones_like(true_images), true_boxes
    )
    found = np.concatenate(rows)
    ones = np.ones(len(found))
    # Columns of COCO's result arrays: image, x, y, width, height, score, class.
    detected = real.load_res(np.column_stack([_numbers(rows), found[:, 1:], found[:, 0], ones]))
    evaluation = COCOeval(real, detected, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    curves = evaluation.eval
    assert curves is not None, "accumulate() makes it"
    # Not summarize(), which prints. Axes: threshold, recall, class, area (all, ...), detections (..., 100).
    precision = np.asarray(curves["precision"])[:, :, 0, 0, -1]
    return {"ap": float(precision.ravel().mean()), "ap50": float(precision[0].mean())}


def _numbers(frames: Sequence[Array]) -> Array:
    return np.repeat(np.arange(1, len(frames) + 1), [len(boxes) for boxes in frames])


def ap(answers: Sequence[Arrays], truths: Sequence[Array]) -> float:
    """COCO's average precision, mean over IoU 0.50:0.95."""
    return average_precision(answers, truths)["ap"]


def ap50(answers: Sequence[Arrays], truths: Sequence[Array]) -> float:
    """COCO's average precision at IoU 0.50."""
    return average_precision(answers, truths)["ap50"]


def _precision(
    name: str, title: str, compute: Callable[[Sequence[Arrays], Sequence[Array]], float], description: str
) -> Metric:
    return Metric(name, "", "max", title, FromAnswers(compute), description, bounds=(0, 1))


ANSWER = Answer(check)
QUALITY = Quality(
    metrics=(
        Metric(
            "f2",
            "",
            "max",
            "F2",
            FromSums(f2),
            "pooled over frames, mean of IoU 0.30, 0.35 … 0.80",
            bounds=(0, 1),
            margin=0.01,
        ),
        _precision("ap", "AP", ap, "COCO's average precision, IoU 0.50:0.95"),
        _precision("ap50", "AP50", ap50, "COCO's average precision, IoU 0.50"),
    ),
    tally=tally,
    positives=Positives("objects", true_boxes),
)
