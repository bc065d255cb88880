"""COCO's photographs as a folder in Kaggle's layout: people stand in for starfish."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from datasets.reef.photo import decode

ROOT = Path(__file__).parents[3]
PERSON = 0
VIDEOS = 4


def photographs() -> Path:
    data = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "coco_train128").is_dir():
        pytest.skip(f"no check data: {data / 'coco_train128'} is not there")
    return data / "coco_train128"


def person_boxes(labels: Path, height: int, width: int) -> list[dict[str, float]]:
    """Turn ``class cx cy w h`` in shares of the picture into boxes in pixels."""
    boxes = []
    for line in labels.read_text().splitlines() if labels.exists() else []:
        kind, *shares = line.split()
        if int(kind) == PERSON:
            centre_x, centre_y, w, h = (float(share) for share in shares)
            box = {"x": (centre_x - w / 2) * width, "y": (centre_y - h / 2) * height}
            boxes.append(box | {"width": w * width, "height": h * height})
    return boxes


def make(target: Path) -> Path:
    """Write 128 pictures in Kaggle's layout: four videos of eight sequences of four frames."""
    coco = photographs()
    rows = []
    for number, image in enumerate(sorted((coco / "images").glob("*.jpg"))):
        video, frame = number % VIDEOS, number // VIDEOS
        height, width = decode(image).shape[:2]
        place = target / "train_images" / f"video_{video}" / f"{frame}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image, place)
        rows.append(
            {
                "video_id": video,
                "sequence": 100 * video + frame // 4,
                "video_frame": frame,
                "sequence_frame": frame % 4,
                "image_id": f"{video}-{frame}",
                "annotations": person_boxes(coco / "boxes" / f"{image.stem}.txt", height, width),
            }
        )
    pd.DataFrame(rows).to_csv(target / "train.csv", index=False)
    return target
