"""MediaPipe Selfie Segmentation as it was published, run by LiteRT.

The model takes the whole frame resized to its own size, RGB in [0, 1], and returns the probability of a
person for each pixel (Apache-2.0, npm @mediapipe/selfie_segmentation).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter


def segmenter(path: Path, threads: int) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Load a model; the result takes a frame to a mask, float32 (height, width) in [0, 1]."""
    interpreter = Interpreter(model_path=str(path), num_threads=threads)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    _, height, width, _ = source["shape"]

    def predict(x: dict[str, np.ndarray]) -> np.ndarray:
        frame = x["frame"]
        small = cv2.resize(frame, (int(width), int(height)), interpolation=cv2.INTER_LINEAR)
        interpreter.set_tensor(source["index"], small[None].astype(np.float32) / 255)
        interpreter.invoke()
        mask = interpreter.get_tensor(target["index"])[0, ..., 0]
        return cv2.resize(mask, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)

    return predict
