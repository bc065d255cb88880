"""The sub-pixel network of ``train.py``, run by LiteRT: luma from the network, colour from bicubic.

The network works on luma at the small size and gives sixteen corrections a pixel.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from upscale import SCALE, upscale

RANGE = 64.0
LUMA = np.array([65.481, 128.553, 24.966], np.float32) / 255


class Network:
    """``corrections(picture)``: what bicubic interpolation lacks in luma, float32 (4 h, 4 w)."""

    def __init__(self, threads):
        path = Path(__file__).with_name("model.tflite")
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
        source, target = self._interpreter.get_input_details()[0], self._interpreter.get_output_details()[0]
        self._source, self._target = source["index"], target["index"]
        self._scale, self._zero = source["quantization"]
        self._step, self._middle = target["quantization"]
        self._shape = ()

    def corrections(self, picture):
        height, width = picture.shape[:2]
        if self._shape != (height, width):
            self._interpreter.resize_tensor_input(self._source, (1, height, width, 1))
            self._interpreter.allocate_tensors()
            self._shape = (height, width)
        luma = picture.astype(np.float32) @ LUMA + 16
        small = np.clip(np.rint(luma / np.float32(self._scale) + self._zero), -128, 127).astype(np.int8)
        self._interpreter.set_tensor(self._source, small[None, :, :, None])
        self._interpreter.invoke()
        folded = self._interpreter.get_tensor(self._target).reshape(height, width, SCALE, SCALE)
        unfolded = folded.transpose(0, 2, 1, 3).reshape(SCALE * height, SCALE * width)
        return (unfolded - np.float32(self._middle)) * np.float32(self._step * RANGE)


def coloured(picture, corrections):
    """Return uint8 (4 h, 4 w, 3): bicubic luma with corrections, colour by OpenCV's own interpolation."""
    height, width = corrections.shape
    luma = upscale((picture.astype(np.float32) @ LUMA)[..., None])[..., 0]
    luma += corrections
    bright = cv2.convertScaleAbs(np.maximum(luma, 0, out=luma), alpha=1 / LUMA.sum())
    _, *chroma = cv2.split(cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb))
    large = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC) for plane in chroma]
    return cv2.cvtColor(cv2.merge([bright, *large]), cv2.COLOR_YCrCb2RGB)
