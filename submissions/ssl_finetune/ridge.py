"""The reference: ridge regression from pixels to classes on the few labels, in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np

STRENGTH = 0.01


def build(context):
    with np.load(Path(context.public) / "pool.npz") as pool:
        seen = flat(pool["images"][context.params["labelled"]])
    target = np.eye(10)[context.params["labels"]]
    mean, centre = seen.mean(0), target.mean(0)
    likeness = (seen - mean) @ (seen - mean).T
    strength = STRENGTH * np.trace(likeness) / len(likeness)
    inner = np.linalg.solve(likeness + strength * np.eye(len(likeness)), target - centre)
    weights = (seen - mean).T @ inner
    return lambda images: (flat(images) - mean) @ weights + centre


def flat(images):
    return np.asarray(images, np.float64).reshape(len(images), -1) / 255
