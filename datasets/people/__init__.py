"""Frames with every person masked: portraits set in motion, or the photographs of COCO 2017."""

from __future__ import annotations

from pathlib import Path

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {
    "mini": "two portraits set in motion, made here in seconds",
    "mini-call": "the same two in a video call, 2 m from the camera, 256 x 144",
    "full": "people in COCO 2017's validation photographs (a download of 1.1 GB), or --from FOLDER",
    "full-call": "the same photographs cropped to a video call's 256 x 144",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. A user's own folder counts as ``full`` or ``full-call``.

    Raises BadData for a broken folder, NotAvailable where COCO cannot be downloaded.
    """
    # Imported on use: listing tasks should not wait for OpenCV.
    call, progress = request.variant.endswith("-call"), request.progress
    if request.source is None and request.variant.startswith("mini"):
        from datasets.people import mini

        return Recipe(
            request.variant,
            f"{request.variant}-{request.made_from}",
            version_of_sources(__file__),
            lambda folder: mini.generate(folder / "private", call, request.seed, progress),
        )
    from datasets.people import coco, full

    variant = "full-call" if call else "full"
    key = f"{variant}-from-{_fingerprint(request.source)}" if request.source else variant
    downloads = request.cache / "downloads" / "coco2017"

    def build(folder: Path) -> None:
        source = request.source or full.fetch(downloads, progress)
        coco.arrange(source, folder / "private", call, progress)

    return Recipe(variant, key, f"people {coco.VERSION}", build)


def _fingerprint(source: Path) -> str:
    annotations = source / "annotations" / "instances_val2017.json"
    if not annotations.is_file():
        raise BadData(f"{source} has no annotations/instances_val2017.json")
    photographs = sorted((source / "val2017").glob("*.jpg"))
    return fingerprint(annotations, {path.name: path for path in photographs})


people = dataset(
    "people",
    "People in front of a camera",
    VARIANTS,
    recipe,
    takes="COCO's layout: annotations/instances_val2017.json and val2017/*.jpg",
)
