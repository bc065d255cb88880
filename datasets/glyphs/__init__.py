"""Pictures of many classes: some are public, others are taught during a run."""

from __future__ import annotations

from functools import partial

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {
    "glyphs": "10,000 characters of matplotlib's fonts, rendered here with seeded changes",
    "omniglot": "--from FOLDER with run01, run02 …: one-shot runs; the base classes are characters of fonts",
    "folders": "--from FOLDER with one folder of pictures a class, at least three pictures each",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered; a folder with ``run01`` in it counts as ``omniglot``.

    Raises BadData where the folder is missing.
    """
    # Imported on use: listing tasks should not wait for NumPy.
    from datasets.glyphs import fonts, layout, omniglot, pictures

    source, seed, version = request.source, request.seed, version_of_sources(__file__)
    if source is None:
        if request.variant != "glyphs":
            raise BadData(f"variant '{request.variant}' needs --from FOLDER")
        key, read = f"glyphs-{request.made_from}", partial(fonts.classes, seed)
        return Recipe("glyphs", key, version, lambda folder: layout.write(folder, read(), "glyphs"))
    if not source.is_dir():
        raise BadData(f"there is no folder {source}")
    variant = "omniglot" if (source / "run01").is_dir() else "folders"
    taken = omniglot.classes if variant == "omniglot" else pictures.classes
    files = {
        path.relative_to(source).as_posix(): path for path in sorted(source.rglob("*")) if path.is_file()
    }
    return Recipe(
        variant,
        f"{variant}-{fingerprint(listed=files)}-{seed}",
        version,
        lambda folder: layout.write(folder, taken(source, seed), variant),
    )


glyphs = dataset(
    "glyphs",
    "Pictures of many classes",
    VARIANTS,
    recipe,
    own={"folders"},
    takes="a folder with a folder of pictures for each class, or Omniglot's run01 …",
)
