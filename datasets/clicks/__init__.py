"""Ad clicks as columns of numbers and categories: generated, UCI Adult or Criteo's format."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from harness.spec import DataRequest, Dataset, Prepared
from harness.spec.errors import BadData, UnknownName

VARIANTS = {
    "mini": "262,144 generated rows of 1 label, 10 numbers and 40 categories, made here in seconds",
    "mini-2m": "the same with 2,097,152 rows",
    "adult": "UCI Adult census income, 48,842 rows (fetched), or --from FOLDER with adult.csv",
    "criteo": "Criteo's display advertising, --from FOLDER with train.txt",
    "table": "your own rows, --from FOLDER with schema.json and train.parquet",
}
ROWS = {"mini": 1 << 18, "mini-2m": 1 << 21}


def prepare(request: DataRequest) -> Prepared:
    """Make a variant ready in the cache. A user's folder is told apart by what lies in it.

    Raises UnknownName, BadData for a broken folder, NotAvailable where nothing can be fetched.
    """
    if request.variant not in VARIANTS:
        raise UnknownName("variant of clicks", request.variant, VARIANTS)
    if request.source is not None:
        return _from_folder(request, request.source)
    if request.variant in {"criteo", "table"}:
        raise BadData(f"variant '{request.variant}' is your own data; give --from FOLDER with it")
    if request.variant == "adult":
        from datasets.clicks import adult

        return _made(request, "adult", "clicks-adult", lambda folder: adult.fetch(folder, request.progress))
    return _generated(request)


clicks = Dataset("clicks", "Ad clicks", VARIANTS, prepare)


# The rest imports on use: listing tasks should not wait for NumPy and Arrow.


def _generated(request: DataRequest) -> Prepared:
    from datasets.clicks import mini

    plan = mini.Plan(rows=ROWS[request.variant], seed=request.seed)
    key = f"clicks-{request.variant}-{request.seed}"
    return _made(request, request.variant, key, lambda folder: mini.write(plan, folder, request.progress))


def _from_folder(request: DataRequest, source: Path) -> Prepared:
    from datasets.clicks import adult, criteo, table

    if (source / "adult.csv").is_file():
        name, file, write = "adult", source / "adult.csv", adult.write
    elif (source / "train.txt").is_file():
        name, file, write = "criteo", source / "train.txt", criteo.write
    elif (source / "schema.json").is_file():
        name, file, write = "table", source / "train.parquet", table.write
    else:
        raise BadData(
            f"{source} has no adult.csv (UCI Adult), train.txt (Criteo), or schema.json with train.parquet"
        )
    if not file.is_file():
        raise BadData(f"{source} has no {file.name}")
    status = file.stat()
    mark = hashlib.sha256(f"{file.resolve()}\0{status.st_size}\0{status.st_mtime_ns}".encode()).hexdigest()
    return _made(
        request, name, f"clicks-{name}-{mark[:16]}", lambda folder: write(file, folder, request.progress)
    )


def _made(request: DataRequest, variant: str, key: str, build: Callable[[Path], None]) -> Prepared:
    from datasets.cache import materialise

    # Whoever changes a line of this folder gets new rows without having to think of it.
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return materialise(
        request.cache,
        key,
        build,
        name="clicks",
        variant=variant,
        recipe=hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest(),
        progress=request.progress,
    )
