"""A new dataset, whole in one file: rolled dice, generated or the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {"mini": "48 rolls of eight dice, made here", "full": "your own rolls, --from FILE.json"}


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. Raises BadData for a broken file."""
    if source := request.source:
        if not source.is_file():
            raise BadData(f"there is no file {source}")
        return Recipe("full", f"from-{fingerprint(source)}", "1", lambda folder: write(folder, read(source)))
    if request.variant == "full":
        raise BadData(f"variant 'full' is {VARIANTS['full']}")
    rolls = np.random.default_rng(request.seed).integers(1, 7, (48, 8)).tolist()
    version = version_of_sources(__file__)
    return Recipe("mini", f"mini-{request.seed}", version, lambda folder: write(folder, rolls))


def read(source: Path) -> list[list[int]]:
    rolls: list[list[int]] = json.loads(source.read_text())
    return rolls


def write(folder: Path, rolls: list[list[int]]) -> None:
    (folder / "public" / "rules.txt").write_text("Eight dice are rolled at once.\n")
    (folder / "private" / "rolls.json").write_text(json.dumps(rolls))


dice = dataset("dice", "Rolled dice", VARIANTS, recipe, takes="FILE.json with a list of rolls")
