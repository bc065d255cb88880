"""Where pictures come from: scikit-learn's digits, a user's ``.npz``, CIFAR-10 in its official formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.images.layout import Pictures
from harness.npz import read_npz
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

TEST_DIGITS = 600
KEYS = ("train_x", "train_y", "test_x", "test_y")


def digits(seed: int) -> Pictures:
    """Return scikit-learn's handwritten digits, 8 x 8, split at random by ``seed``.

    Alpaydin and Kaynak, "Optical recognition of handwritten digits", UCI 1998. Their sixteen grey levels are
    spread over 0..255.
    """
    from sklearn.datasets import load_digits

    original = load_digits()
    images = np.round(original.images * (255 / 16)).astype(np.uint8)[..., None]
    labels = original.target.astype(np.int64)
    order = np.random.default_rng(seed).permutation(len(images))
    test, pool = order[:TEST_DIGITS], order[TEST_DIGITS:]
    return Pictures(images[pool], labels[pool], images[test], labels[test])


def subset(path: Path) -> Pictures:
    """Return the pictures of a user's ``.npz``. Raises BadData if it lacks an array or cannot be read."""
    train_x, train_y, test_x, test_y = read_npz(path, KEYS).values()
    return Pictures(train_x, _labels(path, train_y), test_x, _labels(path, test_y))


def _labels(path: Path, labels: Array) -> Array:
    """Return labels as (n,) int64, also from the (n, 1) that Keras gives."""
    if labels.dtype.kind not in "iu":
        raise BadData(f"{path}: labels are {labels.dtype}; they must be whole numbers")
    if labels.ndim not in {1, 2} or labels.shape[1:] not in {(), (1,)}:
        raise BadData(f"{path}: labels have shape {labels.shape}; they must be one to a picture")
    return labels.reshape(len(labels), -1)[:, 0].astype(np.int64)
