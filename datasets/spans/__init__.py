"""A stream of labelled rows in spans, in order of time, with or without planted drifts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {
    "spans": "scikit-learn's 1,797 handwritten digits in 30 spans, with drifts planted at seeded moments",
    "steady": "the same digits without any drift",
    "elec2": "the Elec2 stream: --from elec.csv, a span a week",
    "csv": "your own rows in order of time: --from FILE.csv with a column class, and span if you like",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered; a user's file named ``elec.csv`` counts as ``elec2``.

    Raises BadData where the file is missing.
    """
    # Imported on use: listing tasks should not wait for NumPy.
    from datasets.spans import digits, layout, tables

    source, variant, version = request.source, request.variant, version_of_sources(__file__)
    if source is None:
        if variant not in {"spans", "steady"}:
            raise BadData(f"variant '{variant}' needs --from FILE.csv")
        read = partial(digits.stream, request.seed, drifting=variant == "spans")
        key = f"{variant}-{request.made_from}"
    else:
        if not source.is_file():
            raise BadData(f"there is no file {source}")
        variant = "elec2" if source.name.startswith("elec") else "csv"
        read = partial(tables.stream, source)
        key = f"{variant}-{fingerprint(source)}"

    def build(folder: Path) -> None:
        try:
            layout.write(folder, read(), request.seed)
        except BadData as error:
            named = source is None or str(source) in str(error)
            raise error if named else BadData(f"{source}: {error}") from None

    return Recipe(variant, key, version, build)


spans = dataset(
    "spans",
    "A stream in spans, in order of time",
    VARIANTS,
    recipe,
    own={"csv"},
    takes="a CSV file with a column 'class' and numbers in the others",
)
