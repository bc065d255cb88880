"""The loops over ids, compiled when this file is imported: gather, sparse sums and Adagrad."""

from __future__ import annotations

import math

import numpy as np
from numba import float32, int64, njit, uint32, void

BLOCK = 256
"""Rows whose inputs of the first layer stay in a core's own cache."""
WIDTH = 8
"""Of an embedding: the compiled loops have it built in."""
EPSILON = np.float32(1e-14)
F, F2, I64, U32 = float32[::1], float32[:, ::1], int64[::1], uint32[::1]
"""Ids have no sign: Numba need not ask whether an index counts from the end."""


@njit(nogil=True, fastmath=True, inline="always")
def add(target, row, first, source, at, start, share):
    """Add a share of WIDTH numbers of a row of ``source``; all are read before any is written."""
    a, b, c, d = source[at, start], source[at, start + 1], source[at, start + 2], source[at, start + 3]
    e, f, g, h = source[at, start + 4], source[at, start + 5], source[at, start + 6], source[at, start + 7]
    i, j, k, m = target[row, first], target[row, first + 1], target[row, first + 2], target[row, first + 3]
    n, o, p, q = (
        target[row, first + 4],
        target[row, first + 5],
        target[row, first + 6],
        target[row, first + 7],
    )
    target[row, first], target[row, first + 1] = i + share * a, j + share * b
    target[row, first + 2], target[row, first + 3] = k + share * c, m + share * d
    target[row, first + 4], target[row, first + 5] = n + share * e, o + share * f
    target[row, first + 6], target[row, first + 7] = p + share * g, q + share * h


@njit(nogil=True, fastmath=True, inline="always")
def copy(target, row, first, source, at):
    """Copy WIDTH numbers of a row of ``source``, all read before any is written."""
    a, b, c, d = source[at, 0], source[at, 1], source[at, 2], source[at, 3]
    e, f, g, h = source[at, 4], source[at, 5], source[at, 6], source[at, 7]
    target[row, first], target[row, first + 1], target[row, first + 2] = a, b, c
    target[row, first + 3], target[row, first + 4], target[row, first + 5] = d, e, f
    target[row, first + 6], target[row, first + 7] = g, h


@njit(void(F2, F2, U32, I64, I64, U32, F2, F, int64, int64, int64), nogil=True, fastmath=True)
def gather(deep, wide, ids, slots, widths, starts, inputs, logits, rows, first, last):
    """Write embeddings, pooled by category, and sums of wide weights, of the rows first to last."""
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        for row in range(begin, end):
            logits[row] = 0
        for category in range(len(widths)):
            many, base, left = widths[category], slots[category] * rows, category * WIDTH
            share, offset = float32(1 / many), starts[category]
            if many == 1:
                for row in range(begin, end):
                    at = ids[base + row] + offset
                    copy(inputs, row, left, deep, at)
                    logits[row] += wide[at, 0]
                continue
            for row in range(begin, end):
                for unit in range(WIDTH):
                    inputs[row, left + unit] = 0
                for other in range(many):
                    at = ids[base + row * many + other] + offset
                    add(inputs, row, left, deep, at, 0, share)
                    logits[row] += wide[at, 0]


@njit(void(F2, F, F, F, U32, int64, float32), nogil=True, fastmath=True)
def descend(rows, slopes, weights, squares, used, count, rate):
    """Take a step of Adagrad in the rows that are used: copied together, changed in one loop, put back."""
    for place in range(count):
        for unit in range(WIDTH):
            weights[place * WIDTH + unit] = rows[used[place], unit]
            squares[place * WIDTH + unit] = rows[used[place], WIDTH + unit]
    for unit in range(count * WIDTH):
        squares[unit] += slopes[unit] * slopes[unit]
        weights[unit] -= rate * slopes[unit] / np.sqrt(squares[unit] + EPSILON)
    for place in range(count):
        for unit in range(WIDTH):
            rows[used[place], unit] = weights[place * WIDTH + unit]
            rows[used[place], WIDTH + unit] = squares[place * WIDTH + unit]


@njit(void(F2, F2, U32, I64, I64, U32, F2, F, U32, U32, U32, F2, F, F, F, float32, int64, int64, int64),
      nogil=True, fastmath=True)  # fmt: skip
def learn(deep, wide, ids, slots, widths, starts, down, error, places, used, found, sums, errors, weights,
          squares, rate, rows, first, last):  # fmt: skip
    """Sum the gradients of each id of the categories first to last; Adagrad changes those that occur.

    ``places`` holds one more than the place of an id among those that are used, 0 where it is not.
    """
    for category in range(first, last):
        many, base, left = widths[category], slots[category] * rows, category * WIDTH
        share, offset = float32(1 / many), starts[category]
        count = uint32(0)
        for occurrence in range(rows * many):  # branches here, so that the sums below have none
            at = ids[base + occurrence] + offset
            place = places[at]
            if place == 0:
                count = uint32(count + uint32(1))
                place = count
                places[at] = place
                used[place] = uint32(at)
            found[occurrence] = place
        for place in range(1, count + 1):
            errors[place] = 0
            for unit in range(WIDTH):
                sums[place, unit] = 0
        for row in range(rows):
            for other in range(many):
                place = found[row * many + other]
                errors[place] += error[row]
                add(sums, place, 0, down, row, left, share)
        for place in range(1, count + 1):
            at = used[place]
            places[at] = 0
            slope = errors[place]
            square = wide[at, 1] + slope * slope
            wide[at, 1] = square
            wide[at, 0] -= rate * slope / math.sqrt(square + EPSILON)
        descend(deep, sums.reshape(-1)[WIDTH:], weights, squares, used[1:], int64(count), rate)
