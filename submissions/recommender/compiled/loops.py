"""The loops over ids, compiled when this file is imported: gather, sparse sums and Adagrad."""

from __future__ import annotations

import math

import numpy as np
from numba import float32, int32, int64, njit, void

BLOCK = 256
"""Rows whose inputs of the first layer stay in a core's own cache."""
WIDTH = 8
"""Of an embedding: the compiled loops have it built in."""
EPSILON = np.float32(1e-14)
F, F2, I32, I64 = float32[::1], float32[:, ::1], int32[::1], int64[::1]


@njit(void(F2, F2, I32, I64, I64, I64, F2, F, int64, int64, int64), nogil=True, fastmath=True)
def gather(deep, wide, ids, slots, widths, starts, inputs, logits, rows, first, last):
    """Write embeddings, pooled by category, and sums of wide weights, of the rows first to last."""
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        for row in range(begin, end):
            logits[row] = 0
        for category in range(len(widths)):
            many, base, left = widths[category], slots[category] * rows, category * WIDTH
            share = float32(1 / many)
            for row in range(begin, end):
                at = ids[base + row * many] + starts[category]
                total = wide[at, 0]
                for unit in range(WIDTH):
                    inputs[row, left + unit] = deep[at, unit]
                if many > 1:
                    for other in range(1, many):
                        at = ids[base + row * many + other] + starts[category]
                        total += wide[at, 0]
                        for unit in range(WIDTH):
                            inputs[row, left + unit] += deep[at, unit]
                    for unit in range(WIDTH):
                        inputs[row, left + unit] *= share
                logits[row] += total


@njit(void(F, F, float32), nogil=True, fastmath=True, inline="always")
def add(total, part, share):
    """Add a share of a part to a total, WIDTH numbers each; all are read before any is written."""
    a, b, c, d = part[0], part[1], part[2], part[3]
    e, f, g, h = part[4], part[5], part[6], part[7]
    i, j, k, m = total[0], total[1], total[2], total[3]
    n, o, p, q = total[4], total[5], total[6], total[7]
    total[0], total[1], total[2], total[3] = i + share * a, j + share * b, k + share * c, m + share * d
    total[4], total[5], total[6], total[7] = n + share * e, o + share * f, p + share * g, q + share * h


@njit(void(F2, F, F, F, I32, int64, float32), nogil=True, fastmath=True)
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


@njit(void(F2, F2, I32, I64, I64, I64, F2, F, I32, I32, F2, F, F, F, float32, int64, int64, int64),
      nogil=True, fastmath=True)  # fmt: skip
def learn(deep, wide, ids, slots, widths, starts, down, error, places, used, sums, errors, weights, squares,
          rate, rows, first, last):  # fmt: skip
    """Sum the gradients of each id of the categories first to last; Adagrad changes those that occur."""
    for category in range(first, last):
        many, base, left = widths[category], slots[category] * rows, category * WIDTH
        share = float32(1 / many)
        count = 0
        for row in range(rows):
            for other in range(many):
                at = ids[base + row * many + other] + starts[category]
                place = places[at]
                if place < 0:
                    place = count
                    places[at] = place
                    used[place] = at
                    count += 1
                    errors[place] = 0
                    for unit in range(WIDTH):
                        sums[place, unit] = 0
                errors[place] += error[row]
                add(sums[place], down[row, left : left + WIDTH], share)
        for place in range(count):
            at = used[place]
            places[at] = -1
            slope = errors[place]
            square = wide[at, 1] + slope * slope
            wide[at, 1] = square
            wide[at, 0] -= rate * slope / math.sqrt(square + EPSILON)
        descend(deep, sums.reshape(-1), weights, squares, used, count, rate)
