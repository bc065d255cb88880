"""Rename ids, move columns and shuffle rows for one run, so that a table learnt elsewhere is noise in it.

Nothing that is measured changes: each row keeps its values and its label, and hidden rows and probes keep
their order. Who knows the data can still recognise rows by what stands in them, at the cost of reading them;
only sealed data are unknown to everybody.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.clicks import parquet, store
from datasets.clicks.schema import Chunk, Schema
from harness.spec import Prepared, Progress, no_progress

if TYPE_CHECKING:
    from harness.spec import Array

MOST_ROWS = 1 << 22
MOST_IDS = 1 << 24
"""Tables with more rows or more ids are nobody's but the host's, and are left as they are."""


@dataclass(frozen=True)
class Disguise:
    """Which column stands in each place, and what each id is called.

    ``numbers`` (k,) and ``slots`` (places,) hold the columns of the data that are shown in each place;
    categories change places with those of the same width and vocabulary. ``names`` (ids,) holds the new id of
    every id of all categories one after another, which begin at ``starts`` (places,).
    """

    numbers: Array
    slots: Array
    names: Array
    starts: Array

    @classmethod
    def drawn(cls, schema: Schema, rng: np.random.Generator) -> Disguise:
        """Draw a disguise of a table."""
        vocabularies = [column.vocabulary for column in schema.categorical]
        first = [0, *accumulate(vocabularies)]
        starts = [first[i] for i, (column, _, _) in enumerate(schema.spans) for _ in range(column.width)]
        return cls(
            rng.permutation(len(schema.numerical)),
            np.concatenate([np.arange(*schema.spans[i][1:]) for i in _places(schema, rng)]),
            np.concatenate([rng.permutation(size) for size in vocabularies]).astype(np.int32),
            np.array(starts),
        )

    def rows(self, numerical: Array, ids: Array) -> tuple[Array, Array]:
        """Return numbers (k, n) and ids (places, n) as they are shown."""
        shown = np.stack([self.names[self.starts[slot] + ids[slot]] for slot in self.slots])
        return np.ascontiguousarray(numerical[self.numbers]), shown

    def chunk(self, chunk: Chunk) -> Chunk:
        """Return rows as they are shown."""
        return Chunk(chunk.label, *self.rows(chunk.numerical, chunk.ids))


def _places(schema: Schema, rng: np.random.Generator) -> Array:
    """Return which category stands in each place (categories,)."""
    kinds = [(column.vocabulary, column.width) for column in schema.categorical]
    places = np.arange(len(kinds))
    for kind in dict.fromkeys(kinds):
        alike = np.array([place for place, other in enumerate(kinds) if other == kind])
        places[alike] = rng.permutation(alike)
    return places


def disguise(prepared: Prepared, key: int, folder: Path, progress: Progress = no_progress) -> Prepared:
    """Write a table in a disguise drawn by ``key`` into ``folder``; it keeps its name and its hash.

    Large tables are returned as they are.
    """
    schema = Schema.read(prepared.public)
    if schema.rows > MOST_ROWS or sum(column.vocabulary for column in schema.categorical) > MOST_IDS:
        return prepared
    rng = np.random.default_rng(key)
    drawn = Disguise.drawn(schema, rng)
    made = replace(prepared, public=folder / "public", private=folder / "private")
    made.public.mkdir()
    made.private.mkdir(mode=0o700)
    chunks = _shuffled(prepared.public / store.TABLE, schema, rng)
    pieces = -(-schema.rows // parquet.ROW_GROUP)
    store.write_training(made.public, schema, map(drawn.chunk, chunks), progress, pieces)
    hidden, chance = store.read_hidden(prepared.private)
    probes = store.read_probes(prepared.private)
    if probes:
        pairs = [drawn.rows(probes["numerical"], ids) for ids in probes["ids"]]
        probes |= {"numerical": pairs[0][0], "ids": np.stack([ids for _, ids in pairs])}
    store.write_hidden(made.private, drawn.chunk(hidden), chance, probes)
    _written_out(made.public)
    return made


def _shuffled(file: Path, schema: Schema, rng: np.random.Generator) -> Iterator[Chunk]:
    """Yield the row groups in a drawn order, the rows of each in a drawn order."""
    for group in rng.permutation(parquet.groups(file)):
        for chunk in parquet.read(file, schema, groups=[int(group)]):
            yield chunk.take(rng.permutation(len(chunk)))


def _written_out(folder: Path) -> None:
    """Wait until the files are on the disk, so that nothing is written while a training is timed."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
