"""What holds for F2 whatever the frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.metrics import detection
from tests.tasks.metrics.detection_readings import THRESHOLDS, Frame, boxes, by_confidence, f2, sums

sizes = st.integers(1, 12)
places = st.integers(-6, 12)
truths = st.lists(st.tuples(places, places, sizes, sizes), max_size=6)
answers = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), places, places, sizes, sizes), max_size=8)
some_frames = st.lists(st.tuples(answers, truths), min_size=1, max_size=4)


@given(answers, truths)
def test_equals_the_plain_scorer(answer: Any, truth: Any) -> None:
    row = detection.tally(boxes(answer, 5), boxes(truth, 4))
    plain = np.array([by_confidence(answer, truth, threshold) for threshold in THRESHOLDS])
    assert np.array_equal(np.stack([row["tp"], row["fp"], row["fn"]], axis=1), plain)


@given(some_frames)
def test_lies_between_nothing_and_all(frames: Any) -> None:
    counts = sums(frames)
    assert 0.0 <= f2(frames) <= 1.0
    assert all((counts[name] >= 0).all() for name in counts)
    assert (counts["tp"] + counts["fn"] == sum(len(truth) for _, truth in frames)).all()
    assert (counts["tp"] + counts["fp"] == sum(len(answer) for answer, _ in frames)).all()


@given(some_frames, st.randoms())
def test_the_order_of_frames_is_nothing(frames: Any, random: Any) -> None:
    shuffled = random.sample(frames, len(frames))
    assert f2(shuffled) == f2(frames)


@given(some_frames, st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_false_alarm_never_helps(frames: Any, confidence: float, where: int) -> None:
    answer, truth = frames[where % len(frames)]
    worse = list(frames)
    worse[where % len(frames)] = ([*answer, (confidence, 1000, 1000, 5, 5)], truth)
    assert f2(worse) <= f2(frames)


@given(st.lists(truths, min_size=1, max_size=4), st.floats(-5, 5))
def test_truth_scores_one_and_silence_zero(found: Any, confidence: float) -> None:
    assert f2([([(confidence, *box) for box in truth], truth) for truth in found]) == 1.0
    assert f2([([], truth) for truth in found]) == (0.0 if any(found) else 1.0)


@given(some_frames, st.integers(1, 9))
def test_the_same_frames_several_times_score_the_same(frames: Any, times: int) -> None:
    assert f2(frames * times) == pytest.approx(f2(frames), abs=1e-12)


def test_leading_axes_stay() -> None:
    box = (0, 0, 10, 10)
    draws: list[list[Frame]] = [
        [([], [])],
        [([], [box])],
        [([(1, 0, 0, 10, 5)], [box])],
        [([(1, *box)], [box])],
    ]
    table = {name: np.stack([sums(frames)[name] for frames in draws]) for name in ("tp", "fp", "fn")}
    assert detection.f2(table).tolist() == [f2(frames) for frames in draws]
    twice = {name: np.stack([counts, counts]) for name, counts in table.items()}
    assert detection.f2(twice).shape == (2, 4)


def test_a_thousand_boxes_in_a_crowd() -> None:
    random = np.random.default_rng(3)
    truth = np.column_stack([random.integers(0, 1200, (40, 2)), random.integers(20, 60, (40, 2))])
    answer = np.column_stack(
        [random.random(1000), np.tile(truth, (25, 1)) + random.integers(-4, 5, (1000, 4))]
    )
    row = detection.tally(answer, truth.astype(float))
    plain = [by_confidence(answer.tolist(), truth.tolist(), t) for t in THRESHOLDS]
    assert np.asarray(row["tp"]).tolist() == [hits for hits, _, _ in plain]
