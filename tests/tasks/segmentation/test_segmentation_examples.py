"""Pictures of frames: the entry's mask in colour, the true outline around it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from harness.spec import Query
from tasks.metrics.masks import Truth
from tasks.segmentation import examples


def query(name: str, shape: tuple[int, int], true: np.ndarray) -> Query:
    frame = np.full((*shape, 3), 100, np.uint8)
    return Query(name, "clip", "public", lambda: {"frame": frame}, Truth(shape, 0, 1, lambda: true))


@pytest.mark.parametrize("shape", [(90, 160), (1080, 1920), (700, 20)])
def test_the_mask_is_coloured_and_the_truth_outlined(shape: tuple[int, int]) -> None:
    height, width = shape
    true, marked = np.zeros(shape, bool), np.zeros(shape, bool)
    true[height // 4 : -height // 4, width // 4 : -width // 4] = True
    marked[: height // 2] = True
    ((name, data),) = examples.draw([query("a/b 1", shape, true)], [marked]).items()
    assert name == "a_b_1.jpg"
    picture = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    drawn_height, drawn_width = picture.shape[:2]
    assert drawn_width == min(width, examples.WIDTH)
    coloured, plain = picture[2, 2].astype(int), picture[-3, 2].astype(int)
    assert coloured[0] > coloured[2] + 40
    assert np.abs(plain - 100).max() < 12
    green = picture[drawn_height // 4 : drawn_height // 4 + 2, drawn_width // 2].astype(int)
    assert (green[:, 1] > green[:, 0]).any()


def test_six_frames_of_many_are_drawn_and_none_of_none() -> None:
    true = np.ones((40, 40), bool)
    queries = [query(f"f{number:02}", (40, 40), true) for number in range(20)]
    assert len(examples.draw(queries, [true] * 20)) == 6
    assert examples.draw([], []) == {}
