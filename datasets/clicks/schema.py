"""The columns of a table (names, widths, vocabularies), and a piece of a table in memory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

LABEL = "label"
FILE = "schema.json"


@dataclass(frozen=True)
class Category:
    """A column of ``width`` ids a row (1: one-hot, more: multi-hot), each in ``[0, vocabulary)``."""

    name: str
    vocabulary: int
    width: int = 1


@dataclass(frozen=True)
class Schema:
    """The columns of a table: ``label`` (uint8, 0 or 1), numbers (float32), categories (int32)."""

    numerical: tuple[str, ...]
    categorical: tuple[Category, ...]
    rows: int

    @cached_property
    def width(self) -> int:
        """How many ids a row has, all categories together."""
        return sum(column.width for column in self.categorical)

    @cached_property
    def spans(self) -> tuple[tuple[Category, int, int], ...]:
        """Each category with the first and the end of its slots among a row's ids."""
        ends = np.cumsum([column.width for column in self.categorical]).tolist()
        return tuple(
            (column, end - column.width, end) for column, end in zip(self.categorical, ends, strict=True)
        )

    def write(self, folder: Path) -> None:
        """Write ``schema.json``, which contestants read, into a folder."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, folder: Path) -> Schema:
        """Read the ``schema.json`` of a folder."""
        fields = json.loads((folder / FILE).read_text())
        categories = tuple(Category(**column) for column in fields["categorical"])
        return cls(tuple(fields["numerical"]), categories, fields["rows"])


@dataclass(frozen=True)
class Chunk:
    """Rows in memory, column by column.

    ``label`` is uint8 (n,), ``numerical`` float32 (columns, n), ``ids`` int32 (slots, n): the schema's
    categories one after another.
    """

    label: Array
    numerical: Array
    ids: Array

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: Array | slice) -> Chunk:
        """Return some of the rows."""
        return Chunk(self.label[rows], self.numerical[:, rows], self.ids[:, rows])


def joined(chunks: list[Chunk]) -> Chunk:
    """Return the rows of several chunks as one chunk."""
    return Chunk(
        np.concatenate([chunk.label for chunk in chunks]),
        np.concatenate([chunk.numerical for chunk in chunks], axis=1),
        np.concatenate([chunk.ids for chunk in chunks], axis=1),
    )


def check(chunk: Chunk, schema: Schema, where: str) -> None:
    """Raise BadData if a label, number or id is not what the schema allows, saying which."""
    if len(chunk) and chunk.label.max() > 1:
        raise BadData(f"{where}: a label is {chunk.label.max()}; labels are 0 or 1")
    for name, values in zip(schema.numerical, chunk.numerical, strict=True):
        if not np.isfinite(values).all():
            raise BadData(f"{where}: column '{name}' holds a number that is not finite")
    for column, start, end in schema.spans:
        ids = chunk.ids[start:end]
        if ids.size and not 0 <= ids.min() <= ids.max() < column.vocabulary:
            outside = ids.min() if ids.min() < 0 else ids.max()
            raise BadData(
                f"{where}: column '{column.name}' holds id {outside}, outside its vocabulary "
                f"(0 to {column.vocabulary - 1})"
            )
