"""The detector of ``cnn`` with a memory: starfish do not vanish between two frames.

A faint box counts if the frame before had a box there, once moved by the camera's motion: two thresholds,
as in hysteresis. The camera's motion is the median shift of the boxes that both frames have.
"""

from pathlib import Path

import numpy as np
from detector import Detector, overlap

SURE, FAINT = 0.56, 0.43
SAME = 0.2
GAIN = 0.15


class Tracker:
    """Keep the boxes of the last frame; every sequence starts without any."""

    def __init__(self, detector):
        self.detector = detector
        self.sequence = None
        self.before = np.zeros((0, 5))
        self.shift = np.zeros(2)

    def __call__(self, x):
        sequence = (int(x["video_id"]), int(x["sequence"]))
        if sequence != self.sequence:
            self.sequence, self.before, self.shift = sequence, np.zeros((0, 5)), np.zeros(2)
        boxes = self.detector.detect(x["frame"], FAINT).astype(np.float64)
        expected = self.before.copy()
        expected[:, 1:3] += self.shift
        seen = [self._match(box, expected) for box in boxes]
        known = np.array([match is not None for match in seen], bool)
        shifts = [box[1:3] - self.before[m, 1:3] for box, m in zip(boxes, seen, strict=True) if m is not None]
        self.shift = np.median(shifts, axis=0) if shifts else self.shift * 0.5
        boxes[known, 0] = np.minimum(boxes[known, 0] + GAIN, 1.0)
        self.before = boxes[boxes[:, 0] >= SURE]
        return self.before.astype(np.float32)

    @staticmethod
    def _match(box, expected):
        """Return the index of the expected box that this one continues, or None."""
        shared = [overlap(box, other) for other in expected]
        best = int(np.argmax(shared)) if shared else -1
        return best if best >= 0 and shared[best] >= SAME else None


def build(context):
    """Load the network."""
    return Tracker(Detector(Path(__file__).parent / "model.tflite", int(context.profile["threads"])))
