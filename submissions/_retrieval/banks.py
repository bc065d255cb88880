"""Vectors of classes that grow: room is doubled when it runs out, and products have one shape for all time.

A product of fixed shape gives the same bits for the same rows, whatever was added after them.
"""

import numpy as np

ALONE = 262_144 // 20
"""OpenBLAS starts no threads for a product of 20 rows whose other sides multiply to this at most."""


class Rows:
    """Rows (n, d) of 32-bit floats with room for more."""

    def __init__(self, width):
        self.block = 1 << (ALONE // width).bit_length() - 1
        self.held, self.count = np.zeros((self.block, width), np.float32), 0

    def room(self, count):
        """Make room for so many rows in all."""
        if count > len(self.held):
            larger = np.zeros(
                (max(2 * len(self.held), -(-count // self.block) * self.block), self.held.shape[1]),
                np.float32,
            )
            larger[: self.count] = self.held[: self.count]
            self.held = larger

    def append(self, rows):
        """Add rows at the end."""
        self.room(self.count + len(rows))
        self.held[self.count : self.count + len(rows)] = rows
        self.count += len(rows)

    def times(self, x):
        """Return products (m, n) of x (m, d) with all rows, block by block."""
        size = self.block
        made = np.empty((len(x), -(-self.count // size) * size), np.float32)
        for start in range(0, self.count, size):
            np.matmul(x, self.held[start : start + size].T, out=made[:, start : start + size])
        return made[:, : self.count]


class Nearest:
    """All examples are kept; the score of a class is its best example's, in one product for all classes."""

    def __init__(self, vectors, width):
        self.vectors, self.rows = vectors, Rows(width)
        self.labels = np.zeros(0, np.int64)

    def update(self, x, y):
        """Add examples; rows of one class need not lie together."""
        self.rows.append(self.vectors(x))
        self.labels = np.concatenate([self.labels, y])
        self.order = np.argsort(self.labels, kind="stable")
        ordered = self.labels[self.order]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self.sorted = bool((self.order[1:] > self.order[:-1]).all())

    def __call__(self, x):
        """Return scores (m, known)."""
        made = self.rows.times(self.vectors(x))
        return np.maximum.reduceat(made if self.sorted else made[:, self.order], self.starts, axis=1)


class Means:
    """Only the mean of each class is kept: vectors are centred on the base classes and scaled to one."""

    def __init__(self, vectors, x, y):
        plain = vectors(x)
        self.vectors, self.centre = vectors, plain.mean(0)
        self.sums, self.means = Rows(plain.shape[1]), Rows(plain.shape[1])
        self._add(self._scaled(plain), y)

    def _scaled(self, plain):
        moved = plain - self.centre
        return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)

    def update(self, x, y):
        """Add examples to the sums of their classes."""
        self._add(self._scaled(self.vectors(x)), y)

    def _add(self, rows, y):
        known = max(self.sums.count, int(y.max()) + 1)
        self.sums.room(known)
        self.means.room(known)
        self.sums.count = self.means.count = known
        np.add.at(self.sums.held, y, rows)
        touched = self.sums.held[y]
        self.means.held[y] = touched / np.maximum(np.linalg.norm(touched, axis=1, keepdims=True), 1e-9)

    def __call__(self, x):
        """Return scores (m, known)."""
        return self.means.times(self._scaled(self.vectors(x)))
