"""Ad clicks as columns of numbers and categories: generated, UCI Adult or Criteo's format."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest, Prepared, Progress
from harness.spec.errors import BadData

VARIANTS = {
    "mini": "262,144 generated rows of 1 label, 10 numbers and 40 categories, made here in seconds",
    "mini-2m": "the same with 2,097,152 rows",
    "adult": "UCI Adult census income, 48,842 rows (a download), or --from FOLDER with adult.csv",
    "criteo": "Criteo's display advertising, --from FOLDER with train.txt",
    "table": "your own rows, --from FOLDER with schema.json and train.parquet",
}
ROWS = {"mini": 1 << 18, "mini-2m": 1 << 21}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. A user's folder is recognised by the files in it.

    Raises BadData for a broken folder, NotAvailable where UCI Adult cannot be downloaded.
    """
    if request.source is not None:
        return _from_folder(request, request.source)
    if request.variant in {"criteo", "table"}:
        raise BadData(f"variant '{request.variant}' is your own data; give --from FOLDER with it")
    # Imported on use: listing tasks should not wait for NumPy and Arrow.
    if request.variant == "adult":
        from datasets.clicks import adult

        return _made(request, "adult", "adult", partial(adult.fetch, request.cache / "downloads" / "adult"))
    from datasets.clicks import mini

    plan = mini.Plan(rows=ROWS[request.variant], seed=request.seed)
    return _made(
        request, request.variant, f"{request.variant}-{request.made_from}", partial(mini.write, plan)
    )


def _from_folder(request: DataRequest, source: Path) -> Recipe:
    from datasets.clicks import adult, criteo, table

    if (source / "adult.csv").is_file():
        variant, file, write = "adult", source / "adult.csv", adult.write
    elif (source / "train.txt").is_file():
        variant, file, write = "criteo", source / "train.txt", criteo.write
    elif (source / "schema.json").is_file():
        variant, file, write = "table", source / "train.parquet", table.write
    else:
        raise BadData(f"{source} has none of the files")
    if not file.is_file():
        raise BadData(f"{source} has no {file.name}; it belongs beside schema.json")
    key = f"{variant}-{fingerprint(listed={str(file.resolve()): file})}"
    return _made(request, variant, key, partial(write, file))


def _made(request: DataRequest, variant: str, key: str, write: Callable[[Path, Progress], None]) -> Recipe:
    version = version_of_sources(__file__)
    return Recipe(variant, key, version, lambda folder: write(folder, request.progress))


def _disguise(prepared: Prepared, key: int, folder: Path, progress: Progress) -> Prepared:
    from datasets.clicks.disguise import disguise

    return disguise(prepared, key, folder, progress)


clicks = dataset(
    "clicks",
    "Ad clicks",
    VARIANTS,
    recipe,
    _disguise,
    own={"table"},
    takes="a folder with adult.csv (UCI Adult), train.txt (Criteo) or schema.json and train.parquet",
)
