"""The reference: pixels as they are, in 0..1, and no training at all."""

from __future__ import annotations

import numpy as np


def build(context):
    return lambda images: np.asarray(images, np.float32).reshape(len(images), -1) / 255
