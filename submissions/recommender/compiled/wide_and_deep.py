"""The closed model: its weights, the step forward, the step back, Adagrad."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from loops import EPSILON, WIDTH, gather, learn

LINE = 16
"""Floats of a line of the cache."""


def divided(costs, threads):
    """Return first and last of consecutive shares of about equal cost."""
    ends = np.cumsum(costs)
    edges = np.searchsorted(ends, np.linspace(0, ends[-1], threads + 1)[1:-1], side="right").tolist()
    return [pair for pair in itertools.pairwise([0, *edges, len(costs)]) if pair[0] < pair[1]]


def aligned(rows, width):
    """Return zeros (rows, width), float32, that begin where a line of the cache does."""
    room = np.zeros(rows * width + LINE, np.float32)
    first = -room.ctypes.data // room.itemsize % LINE
    return room[first : first + rows * width].reshape(rows, width)


class WideAndDeep:
    """The closed model: weights, the step forward, the step back, Adagrad."""

    def __init__(self, table, params, seed, threads=1):
        rng = np.random.default_rng(seed)
        self.table = table
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads)
        self.shares = divided(table.widths, threads)
        self.rate = np.float32(params["learning_rate"])
        if params["embedding"] != WIDTH:
            raise ValueError(f"embeddings of {params['embedding']} are asked for; this file has {WIDTH}")
        reach = params["embedding_reach"]
        # A row is the weights, then Adagrad's sums of squares: one line of the cache for an embedding.
        self.deep = aligned(table.size, 2 * WIDTH)
        self.deep[:, :WIDTH] = rng.uniform(-reach, reach, (table.size, WIDTH))
        self.wide = aligned(table.size, 2)
        self.places = np.zeros(table.size, np.uint32)
        self.room = [self._room(0) for _ in self.shares]
        sizes = [len(table.widths) * WIDTH + len(table.numerical), *params["hidden"], 1]
        self.layers = []
        for inner, outer in itertools.pairwise(sizes):
            limit = np.sqrt(6 / (inner + outer))  # Glorot and Bengio 2010
            self.layers.append(rng.uniform(-limit, limit, (inner, outer)).astype(np.float32))
        self.biases = [np.zeros(size, np.float32) for size in sizes[1:]]
        self.linear = np.zeros(len(table.numerical), np.float32)
        self.dense = [*self.layers, *self.biases, self.linear]
        self.dense_squares = [np.zeros_like(weight) for weight in self.dense]

    def _room(self, ids):
        sizes = (ids, WIDTH), ids, ids * WIDTH, ids * WIDTH
        return (
            np.empty(ids, np.uint32),
            np.empty(ids, np.uint32),
            *(np.empty(size, np.float32) for size in sizes),
        )

    def forward(self, numbers, ids, inputs, logits, first, last):
        """Fill ``inputs`` and ``logits`` of some rows; return the inputs of every layer of these rows."""
        table = self.table
        gather(
            self.deep,
            self.wide,
            ids,
            table.slots,
            table.widths,
            table.starts,
            inputs,
            logits,
            len(numbers),
            first,
            last,
        )
        inputs[first:last, -numbers.shape[1] :] = numbers[first:last]
        seen = [inputs[first:last]]
        for layer, bias in zip(self.layers[:-1], self.biases[:-1], strict=True):
            hidden = seen[-1] @ layer
            hidden += bias
            seen.append(np.maximum(hidden, 0, out=hidden))
        logits[first:last] += seen[-1] @ self.layers[-1][:, 0] + self.biases[-1]
        logits[first:last] += numbers[first:last] @ self.linear
        return seen

    def _empty(self, rows):
        return np.empty((rows, len(self.layers[0])), np.float32), np.empty(rows, np.float32)

    def step(self, label, numbers, ids):
        """Take one step of Adagrad on a batch: the threads share the rows, then the categories."""
        rows = len(label)
        inputs, error = self._empty(rows)
        edges = itertools.pairwise(np.linspace(0, rows, self.threads + 1).astype(int).tolist())
        slopes = list(
            self.pool.map(lambda edge: self._back(label, numbers, ids, inputs, error, *edge), edges)
        )
        for weight, square, *parts in zip(self.dense, self.dense_squares, *slopes, strict=True):
            slope = sum(parts)
            square[...] += slope * slope
            weight[...] -= self.rate * slope / np.sqrt(square + EPSILON)
        list(self.pool.map(lambda share: self._learn(ids, error, inputs, share), range(len(self.shares))))

    def _back(self, label, numbers, ids, inputs, error, first, last):
        """Put the logits' error and the gradients of the inputs in their place; return the dense slopes."""
        seen = self.forward(numbers, ids, inputs, error, first, last)
        mine = error[first:last]
        mine[:] = (1 / (1 + np.exp(-mine)) - label[first:last]) / np.float32(len(label))
        down = mine[:, None]
        layers, biases = [], []
        for number in reversed(range(len(self.layers))):
            layers.append(seen[number].T @ down)
            biases.append(down.sum(axis=0))
            if number:
                down = down @ self.layers[number].T
                down *= seen[number] > 0
            else:
                np.matmul(down, self.layers[0].T, out=inputs[first:last])
        return [*reversed(layers), *reversed(biases), numbers[first:last].T @ mine]

    def _learn(self, ids, error, down, share):
        table, (first, last) = self.table, self.shares[share]
        most = 1 + len(error) * int(table.widths[first:last].max())
        if len(self.room[share][0]) < most:
            self.room[share] = self._room(most)
        learn(
            self.deep, self.wide, ids, table.slots, table.widths, table.starts, down, error, self.places,
            *self.room[share], self.rate, len(error), first, last,
        )  # fmt: skip

    def __call__(self, x):
        numbers, ids = x["numerical"], self.table.flattened(x["categorical"])
        inputs, logits = self._empty(len(numbers))
        self.forward(numbers, ids, inputs, logits, 0, len(numbers))
        return 1 / (1 + np.exp(-logits))
