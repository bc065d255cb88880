"""Detect starfish with a small fully convolutional network, run by LiteRT on the frame at half size."""

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

STRIDE = 8
MOST = 40
OVERLAP = 0.4


class Detector:
    """The network: its answers are rows ``confidence x y width height`` in pixels of the frame."""

    def __init__(self, path, threads):
        cv2.setNumThreads(threads)
        self.network = Interpreter(model_path=str(path), num_threads=threads)
        self.network.allocate_tensors()
        self.input = self.network.get_input_details()[0]
        self.output = self.network.get_output_details()[0]["index"]
        self.height, self.width = self.input["shape"][1:3]

    def detect(self, frame, least):
        """Return boxes of at least this confidence, the most confident first."""
        small = cv2.resize(frame, (self.width, self.height), interpolation=cv2.INTER_AREA)
        self.network.set_tensor(self.input["index"], small[None])
        self.network.invoke()
        maps = self.network.get_tensor(self.output)[0]
        rows, columns = np.nonzero(maps[..., 0] >= least)
        confidence, right, down, wide, high = maps[rows, columns].T
        width, height = 16 * np.exp(wide), 16 * np.exp(high)
        left = (columns + right) * STRIDE - width / 2
        top = (rows + down) * STRIDE - height / 2
        scale = [1, *[frame.shape[1] / self.width, frame.shape[0] / self.height] * 2]
        boxes = np.stack([confidence, left, top, width, height], axis=1) * scale
        return apart(boxes[np.argsort(-confidence, kind="stable")][:MOST]).astype(np.float32)


def apart(boxes):
    """Drop boxes that overlap a more confident one (non-maximum suppression)."""
    kept = []
    for box in boxes:
        if all(overlap(box, other) < OVERLAP for other in kept):
            kept.append(box)
    return np.array(kept).reshape(-1, 5)


def overlap(a, b):
    """Return the intersection over union of two rows."""
    wide = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    high = min(a[2] + a[4], b[2] + b[4]) - max(a[2], b[2])
    shared = max(wide, 0) * max(high, 0)
    return shared / (a[3] * a[4] + b[3] * b[4] - shared)
