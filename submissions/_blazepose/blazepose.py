"""BlazePose GHUM's person mask as MediaPipe computes it, run by LiteRT.

A detector finds a person's hips and size in the first frame; the pose model looks at that region and
gives landmarks and mask logits (256 x 256). The landmarks say where to look in the next frame; the
detector runs again when they are lost. Constants as in MediaPipe's graphs ``pose_detection_cpu``,
``pose_detection_to_roi``, ``pose_landmarks_to_roi`` and ``pose_landmark_by_roi_cpu`` (Apache-2.0, npm
@mediapipe/pose). Left out: the smoothing over time, of landmarks and masks, and all but the best detection.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

STRIDES = {8: 2, 16: 2, 32: 6}
"""Anchors in each cell of the detector's grids."""
DETECTED = PRESENT = 0.5
WIDER = 1.25
CENTRE, EDGE = 33, 34
"""The landmarks that mark the hips' middle and the edge of a circle around the person."""


class Model:
    """One file of weights: ``model(image)`` returns the outputs by name."""

    def __init__(self, path: Path, threads: int) -> None:
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._source = self._interpreter.get_input_details()[0]["index"]
        self.side = int(self._interpreter.get_input_details()[0]["shape"][1])
        self._targets = {d["name"]: d["index"] for d in self._interpreter.get_output_details()}

    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        self._interpreter.set_tensor(self._source, image[None])
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._targets.items()}


class Segmenter:
    """Answer frame by frame; the region of the person is kept from frame to frame."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._detector = Model(folder / "detector.tflite", threads)
        self._pose = Model(folder / "model.tflite", threads)
        self._anchors = anchors(self._detector.side)
        self._region: np.ndarray | None = None

    def __call__(self, x: dict[str, np.ndarray]) -> np.ndarray:
        frame = x["frame"]
        if self._region is None:
            self._region = self._detect(frame)
        return self._segment(frame)

    def _detect(self, frame: np.ndarray) -> np.ndarray | None:
        """Return the region of the likeliest person, or None."""
        height, width = frame.shape[:2]
        side = self._detector.side
        scale = side / max(height, width)
        to_input = np.array(
            [[scale, 0, (side - width * scale) / 2], [0, scale, (side - height * scale) / 2]], np.float64
        )
        image = cv2.warpAffine(frame, to_input, (side, side), flags=cv2.INTER_LINEAR)
        outputs = self._detector(image.astype(np.float32) / 127.5 - 1)
        best = int(np.argmax(outputs["Identity_1"][0, :, 0]))
        if sigmoid(outputs["Identity_1"][0, best, 0]) < DETECTED:
            return None
        points = outputs["Identity"][0, best, 4:8].reshape(2, 2) + self._anchors[best] * side
        return region(*((points - to_input[:, 2]) / scale))

    def _segment(self, frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        if self._region is None:
            return np.zeros((height, width), np.float32)
        side = self._pose.side
        to_input = cv2.getAffineTransform(
            self._region.astype(np.float32), np.array([[0, 0], [side, 0], [0, side]], np.float32)
        )
        image = cv2.warpAffine(
            frame, to_input, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        outputs = self._pose(image.astype(np.float32) / 255)
        if outputs["Identity_1"].item() < PRESENT:
            self._region = None
            return np.zeros((height, width), np.float32)
        back = cv2.invertAffineTransform(to_input)
        landmarks = outputs["Identity"].reshape(-1, 5)[[CENTRE, EDGE], :2]
        self._region = region(*(landmarks @ back[:, :2].T + back[:, 2]))
        mask = sigmoid(outputs["Identity_2"][0, ..., 0])
        return cv2.warpAffine(mask, back, (width, height), flags=cv2.INTER_LINEAR)


def region(centre: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Return three corners (3, 2) of the square to look at: top left, top right, bottom left.

    It is upright where ``edge`` lies straight above ``centre``.
    """
    up = (edge - centre) * WIDER
    right = np.array([-up[1], up[0]])
    return np.array([centre + up - right, centre + up + right, centre - up - right])


def anchors(side: int) -> np.ndarray:
    """Return the centres (n, 2) of the detector's anchors in [0, 1]."""
    grids = []
    for stride, each in STRIDES.items():
        cells = (np.arange(side // stride) + 0.5) * stride / side
        grid = np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2)
        grids.append(np.repeat(grid, each, axis=0))
    return np.concatenate(grids)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), safe for large logits."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)
