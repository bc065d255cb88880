"""MediaPipe Selfie Segmentation (general): the published weights as they are, run by LiteRT."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from selfie import segmenter


def build(context: SimpleNamespace) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Load the model that lies beside this file."""
    return segmenter(Path(__file__).with_name("model.tflite"), context.profile["threads"])
