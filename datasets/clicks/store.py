"""The folders of a prepared dataset of clicks.

public/schema.json      the columns
public/train.parquet    the training rows, one column per name
public/train.tfrecord   the same rows in the same order, one tf.train.Example each
private/hidden.npz      label, numerical, ids of the hidden rows; chance: the true probability, if known
private/probes.npz      pairs of rows that differ in one id (generated data only)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.clicks import parquet
from datasets.clicks.records import Encoder
from datasets.clicks.schema import Chunk, Schema, joined
from harness.npz import read_prepared
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

TABLE, RECORDS = "train.parquet", "train.tfrecord"
_PIECES_A_GROUP = 2


def write_training(
    public: Path, schema: Schema, chunks: Iterable[Chunk], progress: Progress = no_progress, total: int = 0
) -> None:
    """Stream the training rows into both formats."""
    encoder = Encoder(schema)
    waiting: list[Chunk] = []
    with parquet.Writer(public / TABLE, schema) as table, (public / RECORDS).open("wb") as records:
        for done, chunk in enumerate(chunks):
            progress("writing rows", done, total)
            waiting.append(chunk)
            if len(waiting) == _PIECES_A_GROUP:
                table.put(joined(waiting))
                waiting.clear()
            for block in encoder.encode(chunk):
                records.write(block)
        if waiting:
            table.put(joined(waiting))
    schema.write(public)


def check_parts(file: Path, training_rows: int, hidden_rows: int) -> None:
    """Raise BadData where a table is too small to train on some rows and to score by others."""
    if not training_rows or not hidden_rows:
        raise BadData(
            f"{file} has {training_rows + hidden_rows} rows, too few to train on some and score by others"
        )


def write_hidden(
    private: Path, rows: Chunk, probability: Array | None = None, probes: Mapping[str, Array] | None = None
) -> None:
    """Write what is asked: rows with their labels, and probes that show what a model was trained on."""
    more = {} if probability is None else {"chance": probability}
    np.savez(private / "hidden.npz", label=rows.label, numerical=rows.numerical, ids=rows.ids, **more)  # type: ignore[arg-type]
    if probes:
        np.savez(private / "probes.npz", **probes)  # type: ignore[arg-type]


def read_hidden(private: Path) -> tuple[Chunk, Array | None]:
    """Return the hidden rows, and their true probabilities if the data was generated."""
    arrays = read_prepared(private / "hidden.npz")
    return Chunk(arrays["label"], arrays["numerical"], arrays["ids"]), arrays.get("chance")


def read_probes(private: Path) -> dict[str, Array] | None:
    """Return the pairs of canary rows, or None if the data has none."""
    path = private / "probes.npz"
    return read_prepared(path) if path.is_file() else None
