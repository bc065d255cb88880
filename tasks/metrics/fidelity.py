"""How close a picture is to the true one: PSNR and SSIM of luma, as super-resolution papers report them.

Luma is that of ITU-R BT.601 in 16 … 235 (MATLAB's ``rgb2ycbcr``), not rounded. As many pixels as the scale
are cropped from every side. PSNR is 10 log10(255^2 / MSE). SSIM (Wang et al. 2004) has a Gaussian window of
sigma 1.5, 11 pixels wide, K1 = 0.01, K2 = 0.03, and population covariances; windows that reach beyond
the picture do not count. Both equal scikit-image's. Frozen: a change here is a new version of every task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.spec import Array

PEAK = 255.0
_RED_GREEN_BLUE = np.array([65.481, 128.553, 24.966]) / 255
_SIGMA, _REACH = 1.5, 5
_C1, _C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
MOST_DB = 100.0
"""The PSNR that is reported for a picture without any error, and the most for all others."""
SMALLEST = 2 * _REACH + 1
"""The least width and height, after the crop, of a picture that has an SSIM."""


def luma(picture: Array) -> Array:
    """Return the luma, float64 (h, w) in 16 … 235, of a picture uint8 RGB (h, w, 3)."""
    brightness: Array = picture.astype(np.float64) @ _RED_GREEN_BLUE + 16
    return brightness


def cropped(picture: Array, border: int) -> Array:
    """Return a picture without ``border`` pixels on every side."""
    return picture[border : picture.shape[0] - border, border : picture.shape[1] - border]


def squared_error(a: Array, b: Array) -> float:
    """Mean squared difference of two pictures of one shape."""
    return float(np.mean((a - b) ** 2))


def psnr(error: Array | float) -> Array:
    """PSNR in dB of mean squared errors (...), at most MOST_DB."""
    least = PEAK**2 / 10 ** (MOST_DB / 10)
    return np.asarray(10 * np.log10(PEAK**2 / np.maximum(error, least)))


def ssim(a: Array, b: Array) -> float:
    """Mean SSIM of two luma pictures, float64 (h, w), at least SMALLEST pixels wide and high."""
    from scipy.ndimage import gaussian_filter

    def smooth(x: Array) -> Array:
        blurred: Array = gaussian_filter(x, _SIGMA, truncate=_REACH / _SIGMA)
        return cropped(blurred, _REACH)

    mean_a, mean_b = smooth(a), smooth(b)
    var_a, var_b = smooth(a * a) - mean_a**2, smooth(b * b) - mean_b**2
    covariance = smooth(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    return float(np.mean(likeness / ((mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2))))
