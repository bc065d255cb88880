"""Criteo's display advertising as text: label, 13 counts, 26 hexadecimal categories, separated by tabs.

The Kaggle challenge of 2014 and the terabyte logs have the same lines, without a header. Read in pieces,
so that memory does not grow with the file. Every tenth line is hidden. A category's id is a hash of its
text; 0 is an empty cell. Counts become log(1 + count), empty or negative ones 0, as is usual for this data.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from datasets.clicks import store
from datasets.clicks.schema import Category, Chunk, Schema, joined
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

NUMBERS = tuple(f"I{i}" for i in range(1, 14))
NAMES = tuple(f"C{i}" for i in range(1, 27))
BUCKETS = 100_003
HIDDEN_EVERY = 10
MOST_HIDDEN = 1 << 18
PIECE = 1 << 16


def write(file: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Write a ``train.txt`` as a dataset. Raises BadData for a line in another format."""
    if not file.stat().st_size:
        raise BadData(f"{file.name} is empty")
    hidden: list[Chunk] = []
    rows = 0

    def training() -> Iterator[Chunk]:
        nonlocal rows
        first = 0
        for chunk in read(file):
            progress("reading Criteo", first, 0)
            number = np.arange(first, first + len(chunk))
            first += len(chunk)
            is_hidden = number % HIDDEN_EVERY == HIDDEN_EVERY - 1
            if sum(map(len, hidden)) < MOST_HIDDEN:
                hidden.append(chunk.take(np.flatnonzero(is_hidden)))
            rows += int((~is_hidden).sum())
            yield chunk.take(np.flatnonzero(~is_hidden))

    categories = tuple(Category(name, BUCKETS) for name in NAMES)
    store.write_training(folder / "public", Schema(NUMBERS, categories, 0), training(), progress)
    Schema(NUMBERS, categories, rows).write(folder / "public")
    store.write_hidden(folder / "private", joined(hidden).take(slice(0, MOST_HIDDEN)))


def read(file: Path) -> Iterator[Chunk]:
    """Read the lines in pieces of ``PIECE`` rows. Raises BadData as ``write`` does."""
    columns = ["label", *NUMBERS, *NAMES]
    words = {number: "str" for number, name in enumerate(columns) if name not in NUMBERS}
    with pd.read_csv(file, sep="\t", header=None, chunksize=PIECE, dtype=words, low_memory=False) as pieces:
        done = 0
        try:
            for piece in pieces:
                if piece.shape[1] != len(columns):
                    raise BadData(
                        f"{file.name}: line {done + 1} has {piece.shape[1]} columns; Criteo's lines have "
                        f"{len(columns)}: label, 13 counts, 26 categories"
                    )
                piece.columns = pd.Index(columns)
                numbers = dict.fromkeys(NUMBERS, "float64")
                yield _chunk(piece.astype(numbers), f"{file.name}, lines {done + 1} to {done + len(piece)}")
                done += len(piece)
        except (ValueError, pd.errors.ParserError) as error:
            raise BadData(f"{file.name}, after line {done}: {str(error).splitlines()[0]}") from error


def _chunk(piece: pd.DataFrame, where: str) -> Chunk:
    if not piece["label"].isin(["0", "1"]).all():
        wrong = piece["label"][~piece["label"].isin(["0", "1"])].iloc[0]
        raise BadData(f"{where}: a label is {wrong!r}; labels are 0 or 1")
    counts = np.nan_to_num(piece[list(NUMBERS)].to_numpy(np.float64)).clip(0)
    ids = np.stack([_hashed(piece[name]) for name in NAMES])
    return Chunk(piece["label"].to_numpy().astype(np.uint8), np.log1p(counts).T.astype(np.float32), ids)


def _hashed(words: pd.Series[str]) -> Array:
    """Return an id from 1 on for each text, the same on every machine; 0 for an empty cell."""
    empty = words.isna() | words.isin(["nan", ""])
    hashes = pd.util.hash_array(words.astype(str).to_numpy(object), categorize=True)
    ids: Array = np.where(empty, 0, 1 + hashes % (BUCKETS - 1)).astype(np.int32)
    return ids
