"""PSNR and SSIM of luma: golden values, scikit-image's numbers, and the published bicubic on Set5."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from datasets.photos.bicubic import resize, scaled
from datasets.photos.folder import read
from tasks.metrics import fidelity

Array = np.ndarray[Any, np.dtype[Any]]
SET5 = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[4] / "shared" / "data")) / "set5"


def noisy(seed: int, shape: tuple[int, ...] = (40, 52, 3)) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 256, shape, dtype=np.uint8)
    return np.clip(true + rng.normal(0, 20, shape), 0, 255).astype(np.uint8), true


def test_luma_is_studio_range() -> None:
    colours = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert fidelity.luma(colours)[0] == pytest.approx([16, 235, 81.481, 144.553, 40.966])


def test_golden_psnr() -> None:
    """An error of one grey level is 48.13 dB, of sixteen 24.05; no error at all is 100."""
    assert fidelity.psnr(np.array([1.0, 256.0, 0.0])) == pytest.approx([48.1308, 24.0484, 100.0], abs=1e-4)


def test_golden_ssim() -> None:
    """A ramp against the same with more contrast, and against its mirror image."""
    ramp = np.add.outer(np.arange(32.0), 2 * np.arange(32.0))
    assert fidelity.ssim(ramp, ramp) == 1.0
    assert fidelity.ssim(ramp, 1.5 * ramp) == pytest.approx(structural(ramp, 1.5 * ramp), abs=1e-12)
    assert fidelity.ssim(ramp, ramp[:, ::-1]) == pytest.approx(structural(ramp, ramp[:, ::-1]), abs=1e-12)


def structural(a: Array, b: Array) -> float:
    given = structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    return float(given)


@pytest.mark.parametrize("seed", range(4))
def test_both_equal_scikit_image(seed: int) -> None:
    mine, true = (fidelity.cropped(fidelity.luma(picture), 4) for picture in noisy(seed))
    error = fidelity.squared_error(mine, true)
    assert float(fidelity.psnr(error)) == pytest.approx(
        peak_signal_noise_ratio(true, mine, data_range=255), abs=1e-10
    )
    assert fidelity.ssim(mine, true) == pytest.approx(structural(mine, true), abs=1e-12)


@pytest.mark.parametrize("size", [(10, 13), (160, 208)])
def test_the_bicubic_is_pillow_s_away_from_the_borders(size: tuple[int, int]) -> None:
    """Pillow has the same kernel and antialiasing; at borders it leaves out what MATLAB mirrors."""
    picture = noisy(0)[1] // 4 + 96  # no overshoot: Pillow rounds and clips between the two axes
    theirs = np.asarray(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BICUBIC), np.int16)
    inner = fidelity.cropped(resize(picture, *size).astype(np.int16) - theirs, 3 * max(1, size[0] // 40))
    assert inner.size
    assert np.abs(inner).max() <= 1


def test_the_bicubic_keeps_what_is_even_and_straight() -> None:
    even = np.full((12, 16, 3), 77, np.uint8)
    assert (resize(even, 48, 64) == 77).all()
    assert (resize(even, 3, 4) == 77).all()
    ramp = np.tile(np.arange(16.0)[None, :, None], (8, 1, 1))
    straight = np.diff(scaled(ramp, 32, 64)[16, 12:-12, 0])
    assert straight == pytest.approx(np.full(len(straight), 0.25))


@pytest.mark.skipif(not SET5.is_dir(), reason=f"Set5 is not at {SET5}")
def test_set5_reads_as_published() -> None:
    measured = []
    for path in sorted(SET5.glob("*.png")):
        true = read(path)
        height, width = true.shape[:2]
        answer = resize(resize(true, height // 4, width // 4), height, width)
        mine, exact = (fidelity.cropped(fidelity.luma(picture), 4) for picture in (answer, true))
        measured.append(
            (float(fidelity.psnr(fidelity.squared_error(mine, exact))), fidelity.ssim(mine, exact))
        )
    psnr, ssim = np.mean(measured, axis=0)
    assert psnr == pytest.approx(28.43, abs=0.02)
    assert ssim == pytest.approx(0.811, abs=0.002)
