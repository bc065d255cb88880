"""MediaPipe Selfie Segmentation as it was published, run by LiteRT.

The model takes the whole frame squashed to its own size, RGB in [0, 1], and gives a person's probability
a pixel (Apache-2.0, npm @mediapipe/selfie_segmentation).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter


def build(context: SimpleNamespace) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Load the model that lies beside this file."""
    interpreter = Interpreter(
        model_path=str(Path(__file__).with_name("model.tflite")), num_threads=context.profile["threads"]
    )
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
