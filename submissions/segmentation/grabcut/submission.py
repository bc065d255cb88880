"""GrabCut on a small copy of the frame: no learning, only colours and a guess where people sit.

Rother, Kolmogorov, Blake: "GrabCut" (SIGGRAPH 2004), started from a head and shoulders in the middle of
the frame, one round on a copy 64 pixels wide.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import cv2
import numpy as np

WIDTH = 64
ROUNDS = 1


def build(context: SimpleNamespace) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Nothing to load."""
    cv2.setNumThreads(context.profile["threads"])
    return predict


def predict(x: dict[str, np.ndarray]) -> np.ndarray:
    """Return the mask, float32 (H, W)."""
    frame = x["frame"]
    height, width = frame.shape[:2]
    small = cv2.resize(frame, (WIDTH, max(16, round(WIDTH * height / width))), interpolation=cv2.INTER_AREA)
    mask = guess(*small.shape[:2])
    cv2.setRNGSeed(0)  # its colour clusters start from random ones
    background, person = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, mask, None, background, person, ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.float32)
    return cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)


def guess(height: int, width: int) -> np.ndarray:
    """Return where a person may be: GrabCut's codes, uint8 (height, width)."""
    mask = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    mask[: height // 3, : width // 8] = mask[: height // 3, -width // 8 :] = cv2.GC_BGD
    head, shoulders = (width // 2, int(0.45 * height)), (width // 2, height)
    for centre, half in ((head, (width // 6, height // 3)), (shoulders, (width // 3, height // 3))):
        cv2.ellipse(mask, centre, half, 0, 0, 360, cv2.GC_PR_FGD, -1)
    for centre, half in ((head, (width // 14, height // 7)), (shoulders, (width // 8, height // 4))):
        cv2.ellipse(mask, centre, half, 0, 0, 360, cv2.GC_FGD, -1)
    return mask
