"""Your own rows: ``train.parquet`` and a ``schema.json`` beside it, every tenth row hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from datasets.clicks import parquet, store
from datasets.clicks.schema import FILE, Chunk, Schema, joined
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

HIDDEN_EVERY = 10
MOST_HIDDEN = 1 << 18


def write(file: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Check every row against the schema and write both formats. Raises BadData for one that does not fit."""
    try:
        schema = Schema.read(file.parent)
    except (ValueError, TypeError, KeyError) as error:
        raise BadData(
            f"{file.parent / FILE} is not a schema: {error}; docs/recommender.md shows one"
        ) from error
    widths = [column.width for column in schema.categorical]
    if any(width > 1 and after == 1 for width, after in pairwise(widths)):
        raise BadData(f"{file.parent / FILE}: categories with one id per row must come before wider ones")
    hidden: list[Chunk] = []
    rows = 0

    def training() -> Iterator[Chunk]:
        nonlocal rows
        first = 0
        for chunk in parquet.read(file, schema):
            is_hidden = np.arange(first, first + len(chunk)) % HIDDEN_EVERY == HIDDEN_EVERY - 1
            first += len(chunk)
            if sum(map(len, hidden)) < MOST_HIDDEN:
                hidden.append(chunk.take(np.flatnonzero(is_hidden)))
            rows += int((~is_hidden).sum())
            yield chunk.take(np.flatnonzero(~is_hidden))

    store.write_training(folder / "public", schema, training(), progress)
    replace(schema, rows=rows).write(folder / "public")
    store.write_hidden(folder / "private", joined(hidden).take(slice(0, MOST_HIDDEN)))
