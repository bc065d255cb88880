"""Frames of the Great Barrier Reef with every crown-of-thorns starfish marked: rendered ones or Kaggle's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest, Progress
from harness.spec.errors import BadData

VARIANTS = {
    "mini": "rendered sequences, made here from a seed in a minute",
    "full": "Kaggle's tensorflow-great-barrier-reef (15 GB, your credentials), or --from FOLDER",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. A user's own folder counts as ``full``.

    Raises BadData for a broken folder, NotAvailable where Kaggle does not give the data.
    """
    # Imported on use: listing tasks should not wait for pandas and OpenCV.
    from datasets.reef import split

    if source := request.source:
        return Recipe(
            "full",
            f"from-{_fingerprint(source)}",
            f"split {split.VERSION}",
            lambda folder: split.arrange(source, folder, "video", request.progress),
        )
    return _rendered(request) if request.variant == "mini" else _from_kaggle(request)


def _rendered(request: DataRequest) -> Recipe:
    from datasets.reef import mini

    def render(raw: Path) -> None:
        mini.generate(raw, request.seed, request.progress, request.fan)

    return Recipe(
        "mini",
        f"mini-{request.made_from}",
        version_of_sources(__file__),
        lambda folder: _arrange(folder, render, "video", request.progress),
    )


def _from_kaggle(request: DataRequest) -> Recipe:
    """Return the recipe that downloads the competition's frames.

    The archive of 15 GB outlives a run that breaks off, so that the next one continues.
    """
    from datasets.reef import full, split

    downloads = request.cache / "downloads" / full.COMPETITION

    def unpack(raw: Path) -> None:
        archive = full.download(full.connect(), downloads, request.progress)
        full.unpack(archive, raw, request.progress)

    return Recipe(
        "full",
        "full",
        f"split {split.VERSION}",
        lambda folder: _arrange(folder, unpack, "video", request.progress),
        temporary=downloads,
    )


def _arrange(
    folder: Path, fill: Callable[[Path], None], by: Literal["sequence", "video"], progress: Progress
) -> None:
    """Split what ``fill(raw)`` leaves in Kaggle's layout in a folder that is removed afterwards."""
    from datasets.reef import split

    raw = folder / "private" / "raw"
    raw.mkdir()
    fill(raw)
    split.arrange(raw, folder, by, progress)
    shutil.rmtree(raw)


def _fingerprint(source: Path) -> str:
    if not source.is_dir():
        raise BadData(f"{source} is no folder")
    table = source / "train.csv"
    if not table.is_file():
        raise BadData(f"{source} has no train.csv")
    images = sorted((source / "train_images").glob("video_*/*.jpg"))
    return fingerprint(table, {str(image.relative_to(source)): image for image in images})


reef = dataset(
    "reef",
    "Crown-of-thorns starfish on the Great Barrier Reef",
    VARIANTS,
    recipe,
    takes="Kaggle's layout: train.csv and train_images/video_N/*.jpg",
)
