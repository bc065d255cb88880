"""The loops over ids, compiled when this file is imported: collect, gather, sums and Adagrad.

A batch has each id of a category many times. Its rows of the table are copied together once, what a step does
happens in this small copy, which a core's own cache holds, and at the end they are put back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float32, int64, njit, uint32, void
from numba.types import NamedTuple as Tuple
from numba.types import NamedUniTuple

BLOCK = 512
"""Rows whose inputs of the first layer stay in a core's own cache."""
WIDTH = 8
"""Of an embedding: the compiled loops have it built in."""
EPSILON = np.float32(1e-14)
F, F2, I64, U32 = float32[::1], float32[:, ::1], int64[::1], uint32[::1]
"""Ids have no sign: Numba need not ask whether an index counts from the end."""


class Table(NamedTuple):
    """What is learnt of all ids: rows of an embedding and Adagrad's sums, and the same of wide weights."""

    deep: np.ndarray
    wide: np.ndarray


class Columns(NamedTuple):
    """Of each category: ids a row, how many ids a row lie before, and its first row in the table."""

    widths: np.ndarray
    slots: np.ndarray
    starts: np.ndarray


class Copy(NamedTuple):
    """A batch's rows of the table; a category's begin at its first occurrence, so that there is room for all.

    ``found`` has the place of each occurrence, ``used`` the row of the table at each place, ``counts`` the
    places of each category.
    """

    found: np.ndarray
    used: np.ndarray
    counts: np.ndarray
    deep: np.ndarray
    deep_squares: np.ndarray
    deep_slopes: np.ndarray
    wide: np.ndarray
    wide_squares: np.ndarray
    wide_slopes: np.ndarray


TABLE, COLUMNS = NamedUniTuple(F2, 2, Table), Tuple((I64, I64, U32), Columns)
COPY = Tuple((U32, U32, I64, F2, F2, F2, F, F, F), Copy)


@njit(nogil=True, fastmath=True, inline="always")
def add(target, row, first, source, at, start, share):
    """Add a share of WIDTH numbers of a row of ``source``; all are read before any is written."""
    a, b, c, d = source[at, start], source[at, start + 1], source[at, start + 2], source[at, start + 3]
    e, f, g, h = source[at, start + 4], source[at, start + 5], source[at, start + 6], source[at, start + 7]
    i, j, k, m = target[row, first], target[row, first + 1], target[row, first + 2], target[row, first + 3]
    n, o = target[row, first + 4], target[row, first + 5]
    p, q = target[row, first + 6], target[row, first + 7]
    target[row, first], target[row, first + 1] = i + share * a, j + share * b
    target[row, first + 2], target[row, first + 3] = k + share * c, m + share * d
    target[row, first + 4], target[row, first + 5] = n + share * e, o + share * f
    target[row, first + 6], target[row, first + 7] = p + share * g, q + share * h


@njit(nogil=True, fastmath=True, inline="always")
def put(target, row, first, source, at, start):
    """Copy WIDTH numbers of a row of ``source``, all read before any is written."""
    a, b, c, d = source[at, start], source[at, start + 1], source[at, start + 2], source[at, start + 3]
    e, f, g, h = source[at, start + 4], source[at, start + 5], source[at, start + 6], source[at, start + 7]
    target[row, first], target[row, first + 1], target[row, first + 2] = a, b, c
    target[row, first + 3], target[row, first + 4], target[row, first + 5] = d, e, f
    target[row, first + 6], target[row, first + 7] = g, h


@njit(void(TABLE, COLUMNS, U32, int64, U32, COPY, int64, int64), nogil=True, fastmath=True)
def collect(table, columns, ids, rows, places, copy, first, last):
    """Copy the rows of the ids that occur in the categories first to last.

    ``places`` holds one more than the place of an id of a category, 0 where it has none yet and at the end.
    """
    for category in range(first, last):
        begin = columns.slots[category] * rows
        end = begin + columns.widths[category] * rows
        count = uint32(0)
        for occurrence in range(begin, end):
            at = ids[occurrence]
            place = places[at]
            if place == 0:
                copy.used[begin + count] = at
                count = uint32(count + uint32(1))
                place = count
                places[at] = place
            copy.found[occurrence] = uint32(place - uint32(1))
        copy.counts[category] = count
        for place in range(begin, begin + count):
            at = copy.used[place]
            places[at] = 0
            at = uint32(at + columns.starts[category])
            copy.used[place] = at
            put(copy.deep, place, 0, table.deep, at, 0)
            put(copy.deep_squares, place, 0, table.deep, at, WIDTH)
            copy.wide[place], copy.wide_squares[place] = table.wide[at, 0], table.wide[at, 1]


@njit(void(COPY, COLUMNS, F2, F, int64, int64), nogil=True, fastmath=True)
def gather(copy, columns, inputs, logits, first, last):
    """Write embeddings, pooled by category, and sums of wide weights, of the rows first to last."""
    rows = len(inputs)
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        for row in range(begin, end):
            logits[row] = 0
        for category in range(len(columns.widths)):
            many, left = columns.widths[category], category * WIDTH
            base = columns.slots[category] * rows
            share = float32(1 / many)
            if many == 1:
                for row in range(begin, end):
                    place = base + copy.found[base + row]
                    put(inputs, row, left, copy.deep, place, 0)
                    logits[row] += copy.wide[place]
                continue
            for row in range(begin, end):
                for unit in range(WIDTH):
                    inputs[row, left + unit] = 0
                for other in range(many):
                    place = base + copy.found[base + row * many + other]
                    add(inputs, row, left, copy.deep, place, 0, share)
                    logits[row] += copy.wide[place]


@njit(void(F, F, F, float32), nogil=True, fastmath=True)
def descend(weights, squares, slopes, rate):
    """Take a step of Adagrad."""
    for unit in range(len(weights)):
        squares[unit] += slopes[unit] * slopes[unit]
        weights[unit] -= rate * slopes[unit] / np.sqrt(squares[unit] + EPSILON)


@njit(void(TABLE, COLUMNS, COPY, F2, F, float32, int64, int64), nogil=True, fastmath=True)
def learn(table, columns, copy, down, error, rate, first, last):
    """Sum the gradients of each id of the categories first to last; Adagrad changes those that occur."""
    rows = len(error)
    for category in range(first, last):
        many, left = columns.widths[category], category * WIDTH
        base = columns.slots[category] * rows
        share, end = float32(1 / many), base + copy.counts[category]
        copy.deep_slopes[base:end] = 0
        copy.wide_slopes[base:end] = 0
        for row in range(rows):
            for other in range(many):
                place = base + copy.found[base + row * many + other]
                copy.wide_slopes[place] += error[row]
                add(copy.deep_slopes, place, 0, down, row, left, share)
        deep, squares = copy.deep[base:end].reshape(-1), copy.deep_squares[base:end].reshape(-1)
        descend(deep, squares, copy.deep_slopes[base:end].reshape(-1), rate)
        descend(copy.wide[base:end], copy.wide_squares[base:end], copy.wide_slopes[base:end], rate)
        for place in range(base, end):
            at = copy.used[place]
            put(table.deep, at, 0, copy.deep, place, 0)
            put(table.deep, at, WIDTH, copy.deep_squares, place, 0)
            table.wide[at, 0], table.wide[at, 1] = copy.wide[place], copy.wide_squares[place]
