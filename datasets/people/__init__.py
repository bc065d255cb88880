"""Frames with every person masked: portraits set in motion, or the photographs of COCO 2017."""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.spec import DataRequest, Dataset, Prepared
from harness.spec.errors import BadData, UnknownName

VARIANTS = {
    "mini": "two portraits set in motion, made here in seconds",
    "mini-call": "the same two in a video call, 2 m from the camera, 256 x 144",
    "full": "people in COCO 2017's validation photographs (1.1 GB are fetched), or --from FOLDER",
    "full-call": "the same photographs cropped to a video call's 256 x 144",
}


def prepare(request: DataRequest) -> Prepared:
    """Make a variant ready in the cache. A user's own folder counts as ``full`` or ``full-call``.

    Raises UnknownName, BadData for a broken folder, NotAvailable where COCO cannot be fetched.
    """
    if request.variant not in VARIANTS:
        raise UnknownName("variant of people", request.variant, VARIANTS)
    if request.source is not None:
        return from_folder(request, request.source)
    return rendered(request) if request.variant.startswith("mini") else from_coco(request)


people = Dataset("people", "People in front of a camera", VARIANTS, prepare)


# The rest imports on use: listing tasks should not wait for OpenCV.


def rendered(request: DataRequest) -> Prepared:
    """Set the portraits in motion."""
    from datasets.cache import materialise
    from datasets.people import mini

    # Whoever changes a line of this folder gets new frames without having to think of it.
    sources = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in {".py", ".json"})
    return materialise(
        request.cache,
        f"people-{request.variant}-{request.seed}",
        lambda folder: mini.generate(folder / "private", _is_call(request), request.seed, request.progress),
        name="people",
        variant=request.variant,
        recipe=hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest(),
        progress=request.progress,
    )


def from_folder(request: DataRequest, source: Path) -> Prepared:
    """Take the photographs with people from a folder in COCO's layout, without changing it."""
    from datasets.cache import materialise
    from datasets.people import coco

    variant = "full-call" if _is_call(request) else "full"
    return materialise(
        request.cache,
        f"people-{variant}-from-{_fingerprint(source)}",
        lambda folder: coco.arrange(source, folder / "private", _is_call(request), request.progress),
        name="people",
        variant=variant,
        recipe=f"people {coco.VERSION}",
        progress=request.progress,
    )


def from_coco(request: DataRequest) -> Prepared:
    """Fetch COCO's validation photographs and take those with people."""
    from datasets.cache import materialise
    from datasets.people import coco, full

    def build(folder: Path) -> None:
        source = full.fetch(request.cache / "downloads" / "coco2017", request.progress)
        coco.arrange(source, folder / "private", _is_call(request), request.progress)

    return materialise(
        request.cache,
        f"people-{request.variant}",
        build,
        name="people",
        variant=request.variant,
        recipe=f"people {coco.VERSION}",
        progress=request.progress,
    )


def _is_call(request: DataRequest) -> bool:
    return request.variant.endswith("-call")


def _fingerprint(source: Path) -> str:
    """Hash the annotations and every image's name, size and time of change: another folder, another key."""
    annotations = source / "annotations" / "instances_val2017.json"
    if not annotations.is_file():
        raise BadData(
            f"{source} has no annotations/instances_val2017.json; "
            "COCO's layout is annotations/instances_val2017.json and val2017/*.jpg"
        )
    whole = hashlib.sha256(annotations.read_bytes())
    for image in sorted((source / "val2017").glob("*.jpg")):
        status = image.stat()
        whole.update(f"{image.name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return whole.hexdigest()[:16]
