"""Photographs for super-resolution: the full size is hidden, a quarter of it is what models are asked."""

from __future__ import annotations

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {
    "mini": "random crops of eight photographs that the scikit-image package ships",
    "full": "your own pictures, such as Set5, Set14 or BSD100: --from FOLDER",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. A user's own folder counts as ``full``.

    Raises BadData for a folder without usable pictures.
    """
    # Imported on use: listing tasks should not wait for OpenCV.
    from datasets.photos import folder, mini

    source, progress = request.source, request.progress
    version = version_of_sources(__file__)
    if source:
        found = folder.pictures(source)
        key = f"full-from-{fingerprint(listed={path.name: path for path in found})}"
        return Recipe("full", key, version, lambda target: folder.arrange(found, target, progress))
    if request.variant == "full":
        raise BadData("variant 'full' needs your own pictures: --from FOLDER")
    key = f"mini-{request.made_from}"
    return Recipe("mini", key, version, lambda target: mini.generate(target, request.seed, progress))


photographs = dataset(
    "photographs",
    "Photographs at full and at quarter size",
    VARIANTS,
    recipe,
    own={"full"},
    takes="a folder of pictures",
)
