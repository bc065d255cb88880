"""Folders in COCO's layout: small ones made up here, and the check data's photographs with their polygons."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SQUARE = [[0.0, 0.0, 32.0, 0.0, 32.0, 24.0, 0.0, 24.0]]
"""The upper left quarter of a 64 x 48 photograph."""


def write(
    folder: Path, images: Sequence[Mapping[str, Any]], annotations: Sequence[Mapping[str, Any]]
) -> Path:
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "val2017").mkdir(exist_ok=True)
    categories = [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}]
    document = {"categories": categories, "images": images, "annotations": annotations}
    (folder / "annotations" / "instances_val2017.json").write_text(json.dumps(document))
    return folder


def image(number: int, width: int = 64, height: int = 48) -> dict[str, Any]:
    return {"id": number, "file_name": f"{number:012}.jpg", "width": width, "height": height}


def person(number: int, segmentation: Any = SQUARE, category: int = 1, crowd: int = 0) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": number,
        "category_id": category,
        "segmentation": segmentation,
        "iscrowd": crowd,
    }


def make(folder: Path, annotations: Sequence[Mapping[str, Any]], width: int = 64, height: int = 48) -> Path:
    """Write one grey photograph for each image that is annotated."""
    numbers = sorted({annotation["image_id"] for annotation in annotations})
    write(folder, [image(number, width, height) for number in numbers], annotations)
    for number in numbers:
        photo = np.full((height, width, 3), number % 256, np.uint8)
        cv2.imwrite(str(folder / "val2017" / f"{number:012}.jpg"), photo)
    return folder


def check_data() -> Path:
    """Return the folder of the check data's COCO photographs, or skip the test."""
    data = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", ROOT.parent / "shared" / "data")) / "coco_train128"
    if not data.is_dir():
        pytest.skip(f"the check data is not at {data}; PHOTOFINISH_CHECK_DATA names another folder")
    return data


def from_check_data(folder: Path) -> Path:
    """Write the check data's photographs and person polygons in COCO's layout.

    Its polygons number the classes from 1, unlike its boxes: a person is 1.
    """
    data = check_data()
    images, annotations = [], []
    (folder / "val2017").mkdir(parents=True)
    for path in sorted((data / "images").glob("*.jpg")):
        outlines = data / "instances" / f"{path.stem}.txt"
        if not outlines.is_file():
            continue
        height, width = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape[:2]
        images.append(image(int(path.stem), width, height))
        shutil.copy(path, folder / "val2017")
        for line in outlines.read_text().splitlines():
            kind, *relative = line.split()
            corners = np.array(relative, float).reshape(-1, 2) * (width, height)
            annotations.append(
                person(int(path.stem), [corners.ravel().tolist()], category=1 if kind == "1" else 18)
            )
    return write(folder, images, annotations)
