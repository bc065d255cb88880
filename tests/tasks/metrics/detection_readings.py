"""A second, slow and plain F2, with a switch for every way to read its definition differently.

A frame is its answer and its truth, both lists of tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tasks.metrics import detection

Array = np.ndarray[Any, np.dtype[Any]]
Frame = tuple[Sequence[Sequence[float]], Sequence[Sequence[float]]]
THRESHOLDS = [i / 100 for i in range(30, 81, 5)]


def boxes(rows: Sequence[Sequence[float]], width: int) -> Array:
    return np.array(rows, np.float64).reshape(-1, width)


def sums(frames: Sequence[Frame]) -> dict[str, Array]:
    rows = [detection.tally(boxes(answer, 5), boxes(truth, 4)) for answer, truth in frames]
    return {name: np.sum([np.asarray(row[name]) for row in rows], axis=0) for name in ("tp", "fp", "fn")}


def f2(frames: Sequence[Frame]) -> float:
    return float(detection.f2(sums(frames)))


def overlap(a: Sequence[float], b: Sequence[float], pixel: int = 0) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0]) + pixel
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]) + pixel
    common = max(width, 0) * max(height, 0)
    return common / ((a[2] + pixel) * (a[3] + pixel) + (b[2] + pixel) * (b[3] + pixel) - common)


def by_confidence(
    answer: Sequence[Sequence[float]],
    truth: Sequence[Sequence[float]],
    threshold: float,
    pixel: int = 0,
    strict: bool = False,
    best_though_taken: bool = False,
    shared: bool = False,
    any_free: bool = False,
    reverse: bool = True,
) -> tuple[int, int, int]:
    free = set(range(len(truth)))
    hits = 0
    for row in sorted(answer, key=lambda row: row[0], reverse=reverse):
        open_to = range(len(truth)) if best_though_taken or shared else sorted(free)
        scores = [(overlap(row[1:], truth[i], pixel), -i) for i in open_to]
        reached = [(v, i) for v, i in scores if (v > threshold if strict else v >= threshold)]
        if not reached:
            continue
        chosen = -(max(reached, key=lambda pair: pair[1]) if any_free else max(reached))[1]
        if chosen in free or shared:
            hits += 1
        free.discard(chosen)
    return hits, len(answer) - hits, len(free)


def by_overlap(
    answer: Sequence[Sequence[float]], truth: Sequence[Sequence[float]], threshold: float
) -> tuple[int, int, int]:
    pairs = sorted(
        ((overlap(a[1:], t), i, j) for i, a in enumerate(answer) for j, t in enumerate(truth)), reverse=True
    )
    used_answers: set[int] = set()
    used_truths: set[int] = set()
    for value, i, j in pairs:
        if value >= threshold and i not in used_answers and j not in used_truths:
            used_answers.add(i)
            used_truths.add(j)
    hits = len(used_truths)
    return hits, len(answer) - hits, len(truth) - hits


Match = Callable[[Sequence[Sequence[float]], Sequence[Sequence[float]], float], tuple[int, int, int]]


def f_beta(tp: float, fp: float, fn: float, beta: float = 2) -> float:
    weight = (1 + beta**2) * tp + beta**2 * fn + fp
    return (1 + beta**2) * tp / weight if weight else 1.0


def pooled(
    frames: Sequence[Frame],
    match: Match = by_confidence,
    beta: float = 2,
    thresholds: Sequence[float] = THRESHOLDS,
) -> float:
    values = []
    for threshold in thresholds:
        counts = [match(answer, truth, threshold) for answer, truth in frames]
        tp, fp, fn = np.sum(counts, axis=0)
        values.append(f_beta(tp, fp, fn, beta))
    return float(np.mean(values))


def frame_by_frame(frames: Sequence[Frame]) -> float:
    return float(np.mean([pooled([frame]) for frame in frames]))


def frame_by_frame_where_boxes_are(frames: Sequence[Frame]) -> float:
    return float(np.mean([pooled([frame]) for frame in frames if len(frame[1])]))


def thresholds_pooled_too(frames: Sequence[Frame]) -> float:
    counts = [by_confidence(a, t, threshold) for threshold in THRESHOLDS for a, t in frames]
    return f_beta(*np.sum(counts, axis=0))


def of_mean_precision_and_recall(frames: Sequence[Frame]) -> float:
    precision, recall = [], []
    for threshold in THRESHOLDS:
        tp, fp, fn = np.sum([by_confidence(a, t, threshold) for a, t in frames], axis=0)
        precision.append(tp / (tp + fp))
        recall.append(tp / (tp + fn))
    p, r = float(np.mean(precision)), float(np.mean(recall))
    return 5 * p * r / (4 * p + r)


def all_frames_as_one(frames: Sequence[Frame]) -> float:
    return pooled([([r for a, _ in frames for r in a], [b for _, t in frames for b in t])])


def covered(a: Sequence[float], b: Sequence[float]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0) / (b[2] * b[3])


def by_coverage(
    answer: Sequence[Sequence[float]], truth: Sequence[Sequence[float]], threshold: float
) -> tuple[int, int, int]:
    hits = sum(any(covered(row[1:], box) >= threshold for row in answer) for box in truth)
    return hits, len(answer) - hits, len(truth) - hits


def centred(frames: Sequence[Frame]) -> list[Frame]:
    return [
        (
            [(c, x - w / 2, y - h / 2, w, h) for c, x, y, w, h in answer],
            [(x - w / 2, y - h / 2, w, h) for x, y, w, h in truth],
        )
        for answer, truth in frames
    ]
