"""The closed model in plain NumPy: one fused table for all categories, sparse products.

All ids live in one table of nine columns' worth (a wide weight and the embedding), so that a batch is
one gather. Gradients of a batch's ids are summed by a sparse product over the ids that occur, and
Adagrad touches those alone.
"""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse

EPSILON = 1e-14


class Table:
    """The columns: ids of all categories, one after another, in one table."""

    def __init__(self, public):
        self.schema = json.loads((Path(public) / "schema.json").read_text())
        categories = self.schema["categorical"]
        self.numerical = self.schema["numerical"]
        self.widths = [column["width"] for column in categories]
        starts = np.cumsum([0, *(column["vocabulary"] for column in categories)])
        self.starts = starts.tolist()
        self.size = self.starts[-1]
        self.offsets = np.repeat(starts[:-1], self.widths).astype(np.int32)
        self.singles = sum(width == 1 for width in self.widths)
        self.names = [column["name"] for column in categories]

    def batches(self, public, size):
        """Yield ``(label, numbers (n, k), fused ids (n, slots))`` in order, in pieces of ``size`` rows."""
        # A buffer kept ahead keeps what it has read as well, the whole file in the end.
        with pq.ParquetFile(Path(public) / "train.parquet", pre_buffer=False) as file:
            for batch in file.iter_batches(size, use_threads=False):
                label = batch.column("label").to_numpy().astype(np.float32)
                numbers = np.stack([batch.column(name).to_numpy() for name in self.numerical], axis=1)
                ids = np.empty((len(label), len(self.offsets)), np.int32)
                slot = 0
                for name, width in zip(self.names, self.widths, strict=True):
                    column = batch.column(name)
                    values = column.to_numpy() if width == 1 else column.flatten().to_numpy()
                    ids[:, slot : slot + width] = values.reshape(-1, width)
                    slot += width
                ids += self.offsets
                yield label, numbers, ids


def divided(widths, threads):
    """Return slices of the categories with about as many ids each."""
    ends = np.cumsum(widths)
    edges = np.searchsorted(ends, np.linspace(0, ends[-1], threads + 1)[1:-1], side="right").tolist()
    return [slice(*edge) for edge in itertools.pairwise([0, *edges, len(widths)]) if edge[0] < edge[1]]


class WideAndDeep:
    """The closed model: weights, the step forward, the step back, Adagrad."""

    def __init__(self, table, params, seed, threads=1):
        rng = np.random.default_rng(seed)
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads)
        self.shares = divided(table.widths, threads)
        self.table = table
        self.rate = np.float32(params["learning_rate"])
        self.width = params["embedding"]
        reach = params["embedding_reach"]
        self.wide = np.zeros(table.size, np.float32)
        self.deep = rng.uniform(-reach, reach, (table.size, self.width)).astype(np.float32)
        sizes = [len(table.widths) * self.width + len(table.numerical), *params["hidden"], 1]
        self.layers = []
        for inner, outer in itertools.pairwise(sizes):
            limit = np.sqrt(6 / (inner + outer))  # Glorot and Bengio 2010
            self.layers.append(rng.uniform(-limit, limit, (inner, outer)).astype(np.float32))
        self.biases = [np.zeros(size, np.float32) for size in sizes[1:]]
        self.linear = np.zeros(len(table.numerical), np.float32)
        self.squares = {
            name: [np.zeros_like(weight) for weight in weights] for name, weights in self._weights().items()
        }

    def _weights(self):
        return {"dense": [*self.layers, *self.biases, self.linear], "ids": [self.wide, self.deep]}

    def _pooled(self, ids):
        """Return deep inputs (n, categories x width) of fused ids: one row each, or the mean of several."""
        n, singles = len(ids), self.table.singles
        rows = self.deep.take(ids.ravel(), axis=0).reshape(n, ids.shape[1], self.width)
        parts, slot = [rows[:, :singles].reshape(n, -1)], singles
        for width in self.table.widths[singles:]:
            parts.append(rows[:, slot : slot + width].mean(axis=1))
            slot += width
        return parts

    def forward(self, numbers, ids):
        """Return logits (n,), and the inputs of every layer."""
        inputs = [np.concatenate([*self._pooled(ids), numbers], axis=1)]
        for layer, bias in zip(self.layers[:-1], self.biases[:-1], strict=True):
            hidden = inputs[-1] @ layer
            hidden += bias
            inputs.append(np.maximum(hidden, 0, out=hidden))
        deep = inputs[-1] @ self.layers[-1][:, 0] + self.biases[-1]
        return deep + self.wide.take(ids).sum(axis=1) + numbers @ self.linear, inputs

    def step(self, label, numbers, ids):
        """Take one step of Adagrad on a batch: the threads share the rows, then the categories."""
        edges = np.linspace(0, len(label), self.threads + 1).astype(int)
        parts = [slice(*edge) for edge in itertools.pairwise(edges)]
        results = list(self.pool.map(lambda part: self._back(label, numbers, ids, part), parts))
        error = np.concatenate([result[0] for result in results])
        down = np.concatenate([result[1] for result in results])
        weights = self._weights()["dense"]
        for weight, square, *gradients in zip(
            weights, self.squares["dense"], *(result[2] for result in results), strict=True
        ):
            self._descend(weight, square, sum(gradients), slice(None))
        list(self.pool.map(lambda share: self._learn_ids(ids, error, down, share), self.shares))

    def _back(self, label, numbers, ids, part):
        """Return the logits' error and the gradients of deep inputs and dense weights, of some rows."""
        numbers = numbers[part]
        logits, inputs = self.forward(numbers, ids[part])
        error = (1 / (1 + np.exp(-logits)) - label[part]) / np.float32(len(label))
        down = error[:, None]
        layers, biases = [], []
        for number in reversed(range(len(self.layers))):
            layers.append(inputs[number].T @ down)
            biases.append(down.sum(axis=0))
            down = down @ self.layers[number].T
            if number:
                down *= inputs[number] > 0
        return error, down, [*reversed(layers), *reversed(biases), numbers.T @ error]

    def _learn_ids(self, ids, error, down, share):
        """Sum the gradients of each id of some categories, and let Adagrad change those that occur."""
        widths = self.table.widths[share]
        first = sum(self.table.widths[: share.start])
        base = self.table.starts[share.start]
        ids = ids[:, first : first + sum(widths)] - base
        n, slots = ids.shape
        ids = ids.ravel()
        seen = np.zeros(self.table.starts[share.stop] - base, bool)
        seen[ids] = True
        rows = np.flatnonzero(seen)
        position = np.empty(len(seen), np.int32)
        position[rows] = np.arange(len(rows), dtype=np.int32)
        local = position.take(ids)
        rows += base
        ends = np.cumsum([0, *widths[:-1]], dtype=np.int32)
        starts = (np.arange(n, dtype=np.int32)[:, None] * slots + ends).ravel()
        shares = np.repeat(np.reciprocal(np.array(widths, np.float32)), widths)
        pooled = sparse.csc_matrix(
            (np.tile(shares, n), local, np.append(starts, np.int32(n * slots))),
            shape=(len(rows), n * len(widths)),
        )
        columns = slice(share.start * self.width, share.stop * self.width)
        deep = pooled @ down[:, columns].reshape(n * len(widths), self.width)
        wide = np.bincount(local, np.repeat(error, slots), len(rows)).astype(np.float32)
        self._descend(self.wide, self.squares["ids"][0], wide, rows)
        self._descend(self.deep, self.squares["ids"][1], deep, rows)

    def _descend(self, weight, square, gradient, rows):
        total = square[rows] + gradient * gradient
        square[rows] = total
        total += np.float32(EPSILON)
        np.sqrt(total, out=total)
        weight[rows] -= self.rate * gradient / total

    def __call__(self, x):
        ids = x["categorical"] + self.table.offsets
        logits, _ = self.forward(x["numerical"], ids)
        return 1 / (1 + np.exp(-logits))
