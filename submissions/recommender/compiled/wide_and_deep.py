"""The closed model: its weights, the step forward, the step back, Adagrad."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from loops import EPSILON, WIDTH, Copy, Loops, Table

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
        if params["embedding"] != WIDTH:
            raise ValueError(f"embeddings of {params['embedding']} are asked for; this file has {WIDTH}")
        rng = np.random.default_rng(seed)
        self.flattened, self.numbers = table.flattened, len(table.numerical)
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads)
        self.shares = divided(table.widths, threads)
        self.rate = np.float32(params["learning_rate"])
        reach = params["embedding_reach"]
        # A row is the weights, then Adagrad's sums of squares: one line of the cache for an embedding.
        learnt = aligned(table.size, 2 * WIDTH), aligned(table.size, 2)
        self.table = Table(*learnt, table.widths, table.slots, table.starts)
        self.table.deep[:, :WIDTH] = rng.uniform(-reach, reach, (table.size, WIDTH))
        self.loops = Loops(self.table)
        self.places = [np.zeros(table.largest, np.uint32) for _ in self.shares]
        self.slots = int(table.widths.sum())
        self._make_room(params["batch"])
        sizes = [len(table.widths) * WIDTH + self.numbers, *params["hidden"], 1]
        self.layers = []
        for inner, outer in itertools.pairwise(sizes):
            limit = np.sqrt(6 / (inner + outer))  # Glorot and Bengio 2010
            self.layers.append(rng.uniform(-limit, limit, (inner, outer)).astype(np.float32))
        self.biases = [np.zeros(size, np.float32) for size in sizes[1:]]
        self.linear = np.zeros(self.numbers, np.float32)
        self.dense = [*self.layers, *self.biases, self.linear]
        self.dense_squares = [np.zeros_like(weight) for weight in self.dense]

    def _make_room(self, rows):
        ids = rows * self.slots
        copy = Copy(
            *(np.empty(ids, np.uint32) for _ in range(2)),
            np.empty(len(self.table.widths), np.int64),
            *(aligned(ids, WIDTH) for _ in range(3)),
            *(np.empty(ids, np.float32) for _ in range(3)),
        )
        self.loops.use(copy)
        width = len(self.table.widths) * WIDTH + self.numbers
        self.inputs, self.error = aligned(rows, -(-width // LINE) * LINE), np.empty(rows, np.float32)

    def _collect(self, ids, rows):
        """Copy the rows of the ids of a batch; the threads share the categories."""
        if rows > len(self.inputs):
            self._make_room(rows)

        def collected(number):
            self.loops.collect(ids, rows, self.places[number], self.shares[number])

        list(self.pool.map(collected, range(len(self.shares))))

    def _forward(self, numbers, first, last):
        """Fill the inputs and logits of some rows; return the inputs of every layer of these rows."""
        rows = len(numbers)
        self.loops.gather(self.inputs[:rows], self.error[:rows], first, last)
        width = len(self.layers[0])
        self.inputs[first:last, width - self.numbers : width] = numbers[first:last]
        seen = [self.inputs[first:last, :width]]
        for layer, bias in zip(self.layers[:-1], self.biases[:-1], strict=True):
            hidden = seen[-1] @ layer
            hidden += bias
            seen.append(np.maximum(hidden, 0, out=hidden))
        logits = self.error[first:last]
        logits += seen[-1] @ self.layers[-1][:, 0] + self.biases[-1]
        logits += numbers[first:last] @ self.linear
        return seen

    def step(self, label, numbers, ids):
        """Take one step of Adagrad on a batch: the threads share categories, then rows, then categories."""
        rows = len(label)
        self._collect(ids, rows)
        edges = itertools.pairwise(np.linspace(0, rows, self.threads + 1).astype(int).tolist())
        slopes = list(self.pool.map(lambda edge: self._back(label, numbers, *edge), edges))
        for weight, square, *parts in zip(self.dense, self.dense_squares, *slopes, strict=True):
            slope = sum(parts)
            square[...] += slope * slope
            weight[...] -= self.rate * slope / np.sqrt(square + EPSILON)
        inputs, error = self.inputs[:rows], self.error[:rows]

        list(self.pool.map(lambda share: self.loops.learn(inputs, error, self.rate, share), self.shares))

    def _back(self, label, numbers, first, last):
        """Put the logits' error and the gradients of the inputs in their place; return the dense slopes."""
        seen = self._forward(numbers, first, last)
        mine = self.error[first:last]
        mine[:] = (1 / (1 + np.exp(-mine)) - label[first:last]) / np.float32(len(label))
        down = mine[:, None]
        layers, biases = [], []
        for number in reversed(range(len(self.layers))):
            layers.append(seen[number].T @ down)
            biases.append(down.sum(axis=0))
            if number:
                down = down @ self.layers[number].T
                down *= seen[number] > 0
        np.matmul(down, self.layers[0].T, out=seen[0])
        return [*reversed(layers), *reversed(biases), numbers[first:last].T @ mine]

    def __call__(self, x):
        numbers = x["numerical"]
        self._collect(self.flattened(x["categorical"]), len(numbers))
        self._forward(numbers, 0, len(numbers))
        return 1 / (1 + np.exp(-self.error[: len(numbers)]))
