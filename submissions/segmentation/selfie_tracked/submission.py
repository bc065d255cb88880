"""Selfie Segmentation on every third frame; in between its last mask follows the person.

Corners on the person are tracked by Lucas-Kanade optical flow on a small grey copy, a similarity is fitted
to them, and the mask moves along. If too few corners are found again (a cut, a fast turn, no
person) the network runs at once.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

EVERY = 3
GREY = 192
"""Width of the grey copy in pixels."""
CORNERS = 60
FEWEST = 12
KEPT = 0.6
"""The share of corners that must be found again for the mask to follow."""
WINDOW = (15, 15)


class Segmenter:
    """Answer frame by frame; the last mask and the corners it moves with are kept."""

    def __init__(self, path: Path, threads: int) -> None:
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._source = self._interpreter.get_input_details()[0]["index"]
        self._target = self._interpreter.get_output_details()[0]["index"]
        _, self._height, self._width, _ = map(int, self._interpreter.get_input_details()[0]["shape"])
        self._grey: np.ndarray | None = None
        self._corners: np.ndarray | None = None
        self._mask = np.zeros((self._height, self._width), np.float32)
        self._moved = np.eye(3)
        self._age = 0

    def __call__(self, x: dict[str, np.ndarray]) -> np.ndarray:
        frame = x["frame"]
        height, width = frame.shape[:2]
        grey = cv2.cvtColor(cv2.resize(frame, (GREY, round(GREY * height / width))), cv2.COLOR_RGB2GRAY)
        if self._age < EVERY - 1 and self._follow(grey):
            self._age += 1
            return self._moved_mask(grey, width, height)
        self._look(frame, grey)
        return cv2.resize(self._mask, (width, height), interpolation=cv2.INTER_LINEAR)

    def _look(self, frame: np.ndarray, grey: np.ndarray) -> None:
        """Run the network and pick corners on the person to follow."""
        small = cv2.resize(frame, (self._width, self._height), interpolation=cv2.INTER_LINEAR)
        self._interpreter.set_tensor(self._source, small[None].astype(np.float32) / 255)
        self._interpreter.invoke()
        self._mask = self._interpreter.get_tensor(self._target)[0, ..., 0]
        person = (cv2.resize(self._mask, grey.shape[::-1]) > 0.5).astype(np.uint8)
        self._corners = cv2.goodFeaturesToTrack(grey, CORNERS, 0.01, 4, mask=person)
        self._grey, self._age, self._moved = grey, 0, np.eye(3)

    def _follow(self, grey: np.ndarray) -> bool:
        """Follow the corners of the last frame; return False if they are lost."""
        if self._grey is None or self._grey.shape != grey.shape:
            return False
        if self._corners is None or len(self._corners) < FEWEST:
            return False
        moved, status, _ = cv2.calcOpticalFlowPyrLK(
            self._grey, grey, self._corners, None, winSize=WINDOW, maxLevel=3
        )
        seen = status.ravel() == 1
        if seen.sum() < FEWEST:
            return False
        step, inliers = cv2.estimateAffinePartial2D(
            self._corners[seen], moved[seen], ransacReprojThreshold=1.0, maxIters=100
        )
        if step is None or inliers.sum() < KEPT * len(self._corners):
            return False
        self._moved = np.vstack([step, [0, 0, 1]]) @ self._moved
        self._grey, self._corners = grey, moved[seen][inliers.ravel() == 1]
        return True

    def _moved_mask(self, grey: np.ndarray, width: int, height: int) -> np.ndarray:
        """Return the network's last mask, moved to where the person is now."""
        grey_height, grey_width = grey.shape
        from_mask = scaling(grey_width / self._width, grey_height / self._height)
        to_frame = scaling(width / grey_width, height / grey_height)
        return cv2.warpAffine(
            self._mask,
            (to_frame @ self._moved @ from_mask)[:2],
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )


def scaling(x: float, y: float) -> np.ndarray:
    """Return the change of scale (3, 3) between two pictures whose pixels have centres at whole numbers."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


def build(context: SimpleNamespace) -> Segmenter:
    """Load the model that lies beside this file."""
    return Segmenter(Path(__file__).with_name("model.tflite"), context.profile["threads"])
