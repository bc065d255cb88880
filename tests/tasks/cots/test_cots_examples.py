"""Frames for an entry's page: what was true, what was found, and no more than six of them."""

from __future__ import annotations

import cv2
import numpy as np

from harness.spec import Query
from tasks.cots.task import examples

DARK = np.zeros((90, 160, 3), np.uint8)


def frame(number: int, boxes: list[list[float]]) -> Query:
    truth = np.array(boxes, np.float64).reshape(-1, 4)
    return Query(f"0-{number:03}", "0", "public", lambda: {"frame": DARK}, truth)


def test_six_frames_with_starfish_from_all_over() -> None:
    queries = [frame(n, [[10, 10, 20, 20]] if n % 2 else []) for n in range(40)]
    made = examples(queries, [np.zeros((0, 5))] * 40)
    assert list(made) == ["0-001.jpg", "0-007.jpg", "0-015.jpg", "0-023.jpg", "0-031.jpg", "0-039.jpg"]


def test_true_boxes_are_green_and_found_ones_amber() -> None:
    (data,) = examples([frame(0, [[40, 30, 20, 20]])], [np.array([[0.9, 100, 30, 20, 20]])]).values()
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (360, 640, 3)
    blue, green, red = image[160, 160].astype(int)  # the left edge of the true box, four times as large
    assert green > red + 40 and green > blue + 40
    blue, green, red = image[160, 400].astype(int)
    assert red > green > blue


def test_boxes_beyond_every_edge_and_odd_names_do_no_harm() -> None:
    query = Query("../../<x>", "0", "public", lambda: {"frame": DARK}, np.array([[-1e9, -5, 2e9, 10]]))
    (name,) = examples([query], [np.array([[0.5, 1e12, 1e12, 3, 3]])])
    assert name == "_______x_.jpg"
    assert examples([], []) == {}
