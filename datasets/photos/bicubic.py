"""The frozen bicubic of super-resolution: Keys's kernel (a = -0.5), stretched when a picture shrinks.

It is MATLAB's ``imresize`` with antialiasing, by which published low-resolution pictures are made. Borders
are mirrored, and the result is rounded to uint8 once, at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from harness.spec import Array


def resize(picture: Array, height: int, width: int) -> Array:
    """Return a picture uint8 (h, w, c) in another size, uint8 (height, width, c)."""
    return np.asarray(np.clip(np.rint(scaled(picture, height, width)), 0, 255), np.uint8)


def scaled(picture: Array, height: int, width: int) -> Array:
    """Return the same before it is rounded, float64."""
    high = _along(picture.astype(np.float64), height)
    return np.asarray(_along(high.transpose(1, 0, 2), width).transpose(1, 0, 2))


def _along(picture: Array, target: int) -> Array:
    """Resize the first axis. A sparse product adds in one order on every machine, unlike BLAS."""
    size, *others = picture.shape
    flat = np.ascontiguousarray(picture).reshape(size, -1)
    return np.asarray(weights(size, target) @ flat).reshape(target, *others)


def weights(size: int, target: int) -> sparse.csr_array:
    """Return what each of ``size`` pixels gives to each of ``target`` ones, float64 (target, size)."""
    scale = target / size
    stretch = min(scale, 1.0)
    reach = int(np.ceil(4 / stretch)) + 2
    centre = (np.arange(target) + 0.5) / scale - 0.5
    first = np.floor(centre - 2 / stretch).astype(int)
    taps = first[:, None] + np.arange(reach)
    share = _keys((centre[:, None] - taps) * stretch)
    share /= share.sum(axis=1, keepdims=True)
    mirrored = taps % (2 * size)
    mirrored = np.where(mirrored < size, mirrored, 2 * size - 1 - mirrored)
    places = np.repeat(np.arange(target), reach), mirrored.ravel()
    return sparse.csr_array((share.ravel(), places), shape=(target, size))


def _keys(x: Array) -> Array:
    """Keys (1981): the cubic convolution kernel."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.asarray(np.where(x <= 1, near, np.where(x <= 2, far, 0.0)))
