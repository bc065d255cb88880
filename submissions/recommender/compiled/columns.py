"""Batches out of Parquet; the ids of a category stay together, as in the file: nothing is transposed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

PIECE = 2
"""Batches that are decoded at once."""


class Table:
    """The columns: ids of all categories, one after another, in one table."""

    def __init__(self, public):
        self.schema = json.loads((Path(public) / "schema.json").read_text())
        categories = self.schema["categorical"]
        self.numerical = self.schema["numerical"]
        self.names = [column["name"] for column in categories]
        self.widths = np.array([column["width"] for column in categories], np.int64)
        self.slots = np.cumsum([0, *self.widths[:-1]], dtype=np.int64)
        sizes = [column["vocabulary"] for column in categories]
        self.starts = np.cumsum([0, *sizes[:-1]], dtype=np.uint32)
        self.size, self.largest = sum(sizes), max(sizes)

    def batches(self, public, size):
        """Yield ``(label (n,), numbers (n, k), ids)`` in order; ids are flat, category by category."""
        # A buffer kept ahead keeps what it has read as well, the whole file in the end.
        with pq.ParquetFile(Path(public) / "train.parquet", pre_buffer=False) as file:
            for piece in file.iter_batches(size * PIECE, use_threads=False):
                label = piece.column("label").to_numpy().astype(np.float32)
                numbers = np.stack([piece.column(name).to_numpy() for name in self.numerical], axis=1)
                columns = [piece.column(name) for name in self.names]
                parts = [
                    (column if width == 1 else column.flatten()).to_numpy()
                    for column, width in zip(columns, self.widths, strict=True)
                ]
                for start in range(0, len(label), size):
                    rows = slice(start, min(start + size, len(label)))
                    yield label[rows], numbers[rows], self._flat(parts, rows)

    def _flat(self, parts, rows):
        cut = [part[rows.start * w : rows.stop * w] for part, w in zip(parts, self.widths, strict=True)]
        return np.concatenate(cut).view(np.uint32)

    def flattened(self, ids):
        """Return ids (n, slots) as the batches have them."""
        ends = self.slots + self.widths
        parts = [ids[:, start:end].ravel() for start, end in zip(self.slots, ends, strict=True)]
        return np.concatenate(parts, dtype=np.int32).view(np.uint32)
