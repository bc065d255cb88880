"""Frames of the Great Barrier Reef with every crown-of-thorns starfish marked: rendered ones or Kaggle's."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from harness.spec import DataRequest, Dataset, Prepared
from harness.spec.errors import BadData, UnknownName

if TYPE_CHECKING:
    from datasets.reef.full import CompetitionApi

VARIANTS = {
    "mini": "rendered sequences, made here from a seed in a minute",
    "full": "Kaggle's tensorflow-great-barrier-reef (15 GB, your credentials), or --from FOLDER",
}


def prepare(request: DataRequest) -> Prepared:
    """Make a variant ready in the cache. A user's own folder counts as ``full``.

    Raises UnknownName, BadData for a broken folder, NotAvailable where Kaggle gives nothing.
    """
    if request.source is not None:
        return from_folder(request, request.source)
    if request.variant == "full":
        return from_kaggle(request)
    if request.variant == "mini":
        return rendered(request)
    raise UnknownName("variant of reef", request.variant, VARIANTS)


reef = Dataset("reef", "Crown-of-thorns starfish on the Great Barrier Reef", VARIANTS, prepare)


# The rest imports on use: listing tasks should not wait for pandas and OpenCV.


def rendered(request: DataRequest) -> Prepared:
    """Render the mini variant, split by sequence."""
    from datasets.cache import materialise
    from datasets.reef import mini, split

    def build(folder: Path) -> None:
        raw = folder / "private" / "raw"
        raw.mkdir()
        mini.generate(raw, request.seed, request.progress)
        split.arrange(raw, folder, "sequence", request.progress)
        shutil.rmtree(raw)

    # Whoever changes a line of the renderer gets new frames without having to think of it.
    sources = sorted(Path(__file__).parent.glob("*.py"))
    recipe = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return materialise(
        request.cache,
        f"reef-mini-{request.seed}",
        build,
        name="reef",
        variant="mini",
        recipe=recipe,
        progress=request.progress,
    )


def from_folder(request: DataRequest, source: Path) -> Prepared:
    """Split a folder in Kaggle's layout by video, without changing it."""
    from datasets.cache import materialise
    from datasets.reef import split

    return materialise(
        request.cache,
        f"reef-from-{_fingerprint(source)}",
        lambda folder: split.arrange(source, folder, "video", request.progress),
        name="reef",
        variant="full",
        recipe=f"split {split.VERSION}",
        progress=request.progress,
    )


def _fingerprint(source: Path) -> str:
    """Hash ``train.csv`` and every image's name, size and time of change: another folder, another key."""
    if not source.is_dir():
        raise BadData(
            f"{source} is no folder; --from takes one in Kaggle's layout (train.csv, train_images/)"
        )
    table = source / "train.csv"
    if not table.is_file():
        raise BadData(f"{source} has no train.csv; Kaggle's layout is train.csv and train_images/video_N/")
    whole = hashlib.sha256(table.read_bytes())
    for image in sorted((source / "train_images").glob("video_*/*.jpg")):
        status = image.stat()
        whole.update(f"{image.relative_to(source)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return whole.hexdigest()[:16]


def from_kaggle(request: DataRequest, api: CompetitionApi | None = None) -> Prepared:
    """Fetch the competition's frames, split by video. ``api`` stands in for Kaggle's own.

    The archive is removed at the end; until then it outlives a broken-off run, and the next carries on.
    """
    from datasets.cache import materialise
    from datasets.reef import full, split

    downloads = request.cache / "downloads" / full.COMPETITION

    def build(folder: Path) -> None:
        archive = full.download(api or full.connect(), downloads, request.progress)
        raw = folder / "private" / "raw"
        raw.mkdir()
        full.unpack(archive, raw, request.progress)
        split.arrange(raw, folder, "video", request.progress)
        shutil.rmtree(raw)

    prepared = materialise(
        request.cache,
        "reef-full",
        build,
        name="reef",
        variant="full",
        recipe=f"split {split.VERSION}",
        progress=request.progress,
    )
    shutil.rmtree(downloads, ignore_errors=True)
    return prepared
