"""Your own rows: ``train.parquet`` and a ``schema.json`` beside it, every tenth row hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from datasets.clicks import parquet, store
from datasets.clicks.schema import FILE, LABEL, Category, Chunk, Schema, joined
from harness.files import read_given
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

HIDDEN_EVERY = 10
MOST_HIDDEN = 1 << 18
MOST_IDS = 4096
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def write(file: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Check every row against the schema and write both formats. Raises BadData for one that does not fit."""
    schema = read_schema(file.parent / FILE)
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
    asked = joined(hidden).take(slice(0, MOST_HIDDEN))
    store.check_parts(file, rows, len(asked))
    store.write_hidden(folder / "private", asked)


class _Category(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: _Name
    vocabulary: int = Field(ge=1, lt=2**31)
    width: int = Field(default=1, ge=1, le=MOST_IDS)


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid")
    numerical: list[_Name] = Field(min_length=1)
    categorical: list[_Category] = Field(min_length=1)
    rows: int


def read_schema(path: Path) -> Schema:
    """Read and validate a ``schema.json``. Raises BadData, which names the file and the field."""
    try:
        found = _Schema.model_validate_json(read_given(path))
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadData(
            f"{path} is not a schema: {where}{': ' if where else ''}{first['msg']}; "
            "docs/recommender.md shows one"
        ) from None
    names = [LABEL, *found.numerical, *(column.name for column in found.categorical)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadData(f"{path} names the column '{min(twice)}' more than once")
    widths = [column.width for column in found.categorical]
    if sum(widths) > MOST_IDS:
        raise BadData(f"{path} has {sum(widths):,} ids a row; at most {MOST_IDS:,} fit")
    if any(width > 1 and after == 1 for width, after in pairwise(widths)):
        raise BadData(f"{path}: categories with one id per row must come before wider ones")
    categories = tuple(Category(column.name, column.vocabulary, column.width) for column in found.categorical)
    return Schema(tuple(found.numerical), categories, found.rows)
