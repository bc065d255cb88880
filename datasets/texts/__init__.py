"""Labelled texts: strings with a class each to train on, and others whose classes are hidden."""

from __future__ import annotations

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {
    "docstrings": "prose from the documentation of eight Python packages: which one is it from?",
    "imdb": "film reviews, good or bad: --from FILE.parquet with the columns text, label and split",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. A user's own file counts as ``imdb``.

    Raises BadData for a broken file, NotAvailable where a package is missing.
    """
    # Imported on use: listing tasks should not wait for pyarrow.
    from datasets.texts import docstrings, imdb

    source, progress = request.source, request.progress
    version = version_of_sources(__file__)
    if source:
        if not source.is_file():
            raise BadData(f"there is no file {source}")
        key = f"imdb-from-{fingerprint(source)}"
        return Recipe("imdb", key, version, lambda folder: imdb.arrange(source, folder))
    if request.variant == "imdb":
        raise BadData("variant 'imdb' needs --from FILE.parquet with the columns text, label and split")
    version = f"{version} {docstrings.versions()}"
    key = f"docstrings-{request.seed}"
    return Recipe(
        "docstrings",
        key,
        version,
        lambda folder: docstrings.generate(folder, request.seed, progress, request.fan),
    )


texts = dataset(
    "texts",
    "Labelled English prose",
    VARIANTS,
    recipe,
    takes="a .parquet file with the columns text, label and split",
)
