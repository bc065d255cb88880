"""Two portraits: public-domain photographs that Python packages ship, with outlines drawn for this project.

Outlines are in pixels of the photograph, corners of pixels at whole numbers. Clothes and what is worn
belong to the person, a helmet in the hands does not (as in COCO).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from pydantic import BaseModel, TypeAdapter

from datasets.people.frames import read_image
from harness.files import sha256_of
from harness.spec.errors import BadData, NotAvailable

if TYPE_CHECKING:
    from harness.spec import Array

FINER = 3
"""Shapes are drawn this much finer than the frame and averaged: a pixel knows how much of it is covered."""


class Drawing(BaseModel):
    """One entry of ``portraits.json``.

    ``bottom`` is the last row to be seen, ``bust`` the last one above which the outline stays clear of the
    photograph's sides.
    """

    name: str
    package: str
    file: str
    sha256: str
    bottom: int
    bust: int
    outline: list[tuple[float, float]]


@dataclass(frozen=True)
class Portrait:
    """``photo`` is uint8 RGB (H, W, 3), ``outline`` float64 (n, 2): x y of the person's outline."""

    name: str
    photo: Array
    outline: Array

    def placed(self, camera: Array, size: tuple[int, int]) -> Array:
        """Return the photograph as the camera sees it, float32 RGB (height, width, 3) in 0 … 255.

        ``camera`` is float64 (2, 3) and takes a point of the photograph to the frame; ``size`` is
        (width, height).
        """
        return placed(self.photo, camera, size)

    def cover(self, camera: Array, size: tuple[int, int]) -> Array:
        """Return how much of each pixel the person covers: float32 (height, width) in [0, 1]."""
        corners = self.outline @ camera[:, :2].T + camera[:, 2]
        canvas = np.zeros((size[1] * FINER, size[0] * FINER), np.uint8)
        fixed = np.round((corners * FINER - 0.5) * 256).astype(np.int32)  # 8 bits of fraction
        cv2.fillPoly(canvas, [fixed], 255, lineType=cv2.LINE_8, shift=8)
        return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32) / 255


def placed(photo: Array, camera: Array, size: tuple[int, int]) -> Array:
    """Return any photograph as ``Portrait.placed`` does."""
    finer = camera * FINER
    # OpenCV's pixels have their centres at whole numbers.
    finer[:, 2] += 0.5 * finer[:, :2].sum(axis=1) - 0.5
    large = cv2.warpAffine(
        photo,
        finer,
        (size[0] * FINER, size[1] * FINER),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.float32)


def portraits(bust: bool) -> list[Portrait]:
    """Return the portraits, cut off below the shoulders if ``bust``. Raises what ``photograph`` does."""
    drawings = TypeAdapter(list[Drawing]).validate_json(
        Path(__file__).with_name("portraits.json").read_bytes()
    )
    return [
        Portrait(
            drawing.name,
            photograph(drawing.package, drawing.file, drawing.sha256)[
                : drawing.bust if bust else drawing.bottom
            ],
            np.array(drawing.outline, np.float64),
        )
        for drawing in drawings
    ]


def photograph(package: str, file: str, sha256: str) -> Array:
    """Return a photograph that an installed package ships, uint8 RGB (H, W, 3), without importing it.

    Raises NotAvailable if the package lacks it, BadData if its bytes are others.
    """
    spec = importlib.util.find_spec(package)
    path = Path(spec.origin).parent / file if spec and spec.origin else None
    if path is None or not path.is_file():
        raise NotAvailable(f"the photograph {file} of the package {package} is missing; run 'make setup'")
    if sha256_of(path) != sha256:
        raise BadData(f"{path} is not the photograph the outlines were drawn on; run 'make setup'")
    return read_image(path)
