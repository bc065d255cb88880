"""Criteo's display advertising as text: label, 13 counts, 26 hexadecimal categories, separated by tabs.

The Kaggle challenge of 2014 and the terabyte logs have the same lines, without a header. Read in pieces,
so that memory does not grow with the file. Every tenth line is hidden. A category's id is a hash of its
text; 0 is an empty cell. Counts become log(1 + count), empty or negative ones 0, as is usual for this data.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
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
COLUMNS = ("label", *NUMBERS, *NAMES)
BUCKETS = 100_003
HIDDEN_EVERY = 10
MOST_HIDDEN = 1 << 18
PIECE = 1 << 16
_TYPES = {name: "float64" if name in NUMBERS else "str" for name in COLUMNS}


def write(file: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Write a ``train.txt`` as a dataset. Raises BadData for a line in another format."""
    if not file.stat().st_size:
        raise BadData(f"{file} is empty")
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
    asked = joined(hidden).take(slice(0, MOST_HIDDEN))
    store.check_parts(file, rows, len(asked))
    store.write_hidden(folder / "private", asked)


def read(file: Path) -> Iterator[Chunk]:
    """Read the lines in pieces of ``PIECE`` rows. Raises BadData as ``write`` does."""
    done = 0
    try:
        for lines in _pieces(file):
            piece = pd.read_csv(
                io.BytesIO(lines),
                sep="\t",
                names=COLUMNS,
                dtype=_TYPES,
                quoting=csv.QUOTE_NONE,
                skip_blank_lines=False,
                low_memory=False,
            )
            yield _chunk(piece, f"{file}, lines {done + 1} to {done + len(piece)}")
            done += len(piece)
    except (ValueError, OverflowError) as error:  # a ParserError is a ValueError
        raise BadData(f"{file}, after line {done}: {str(error).splitlines()[0][:200]}") from error


def _pieces(file: Path) -> Iterator[bytes]:
    """Yield the file in whole lines. Raises BadData for a line that has not Criteo's number of columns.

    Pandas would fill up a line that breaks off, and skip an empty one.
    """
    done, tabs = 0, len(COLUMNS) - 1
    with file.open("rb") as stream:
        while lines := b"".join(islice(stream, PIECE)):
            if lines.count(b"\t") != tabs * (lines.count(b"\n") + (not lines.endswith(b"\n"))):
                for number, line in enumerate(lines.splitlines(), start=done + 1):
                    if (columns := line.count(b"\t") + 1) != len(COLUMNS):
                        raise BadData(
                            f"{file}: line {number} has {columns} columns; Criteo's lines have "
                            f"{len(COLUMNS)}: label, 13 counts, 26 categories"
                        )
            yield lines
            done += PIECE


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
