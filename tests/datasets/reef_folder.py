"""Makes small folders in Kaggle's layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

HEADER = "video_id,sequence,video_frame,sequence_frame,image_id,annotations"


def frames(videos: int, sequences: int, length: int) -> Iterator[dict[str, Any]]:
    """Rows of ``train.csv``; every other frame holds a box, the later the sequence the more frames."""
    for video in range(videos):
        for sequence in range(sequences):
            for number in range(length):
                video_frame = sequence * 100 + number
                box = {"x": 3 + number, "y": 2, "width": 10, "height": 8}
                yield {
                    "video_id": video,
                    "sequence": 1000 * (video + 1) + sequence,
                    "video_frame": video_frame,
                    "sequence_frame": number,
                    "image_id": f"{video}-{video_frame}",
                    "annotations": [box] if number % 2 else [],
                }


def picture(path: Path, seed: int, height: int = 24, width: int = 40) -> None:
    """Write a JPEG whose bytes depend on the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    assert cv2.imwrite(str(path), pixels)


def make(folder: Path, videos: int = 3, sequences: int = 2, length: int = 4) -> Path:
    """Fill ``folder`` with videos of sequences of frames; returns it."""
    rows = list(frames(videos, sequences, length))
    for seed, row in enumerate(rows):
        picture(folder / "train_images" / f"video_{row['video_id']}" / f"{row['video_frame']}.jpg", seed)
    pd.DataFrame(rows).to_csv(folder / "train.csv", index=False)
    return folder
