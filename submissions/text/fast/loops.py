"""The loops over bytes and features, compiled when this file is imported."""

from __future__ import annotations

import math

import numpy as np
from numba import boolean, float32, int32, int64, njit, uint8, uint64, void

DROPPED = np.zeros(256, np.bool_)
DROPPED[list(b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'")] = True
BLANK = np.zeros(256, np.bool_)
BLANK[list(b" \t\n\v\f\r")] = True
FIRST, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
"""FNV-1a, 64 bits."""
BETA1, BETA2, EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-7)


@njit((uint8[::1], int64[::1], uint64[::1], int64[::1], boolean[::1], boolean[::1]), cache=False)
def hash_words(data, ends, hashes, stops, dropped, blank):
    """Write the hash of every word, and after which of them each text ends; return how many there are."""
    count, start = 0, 0
    for text in range(len(ends)):
        value, length = FIRST, 0
        for place in range(start, ends[text]):
            byte = data[place]
            if blank[byte]:
                if length:
                    hashes[count] = value
                    count += 1
                value, length = FIRST, 0
            elif not dropped[byte]:
                if 65 <= byte <= 90:
                    byte += 32
                value = (value ^ uint64(byte)) * PRIME
                length += 1
        if length:
            hashes[count] = value
            count += 1
        start = ends[text]
        stops[text] = count
    return count


@njit((uint64[::1], uint64[::1], int64[::1]), cache=False)
def count_words(hashes, keys, counts):
    """Count words in an open table (a power of two of places, a count of 0 is free)."""
    mask = uint64(len(keys) - 1)
    for value in hashes:
        place = value & mask
        while counts[place] and keys[place] != value:
            place = (place + uint64(1)) & mask
        keys[place] = value
        counts[place] += 1


@njit((uint64[::1], int64[::1], uint64[::1], int32[::1], int32[::1], int64[::1], int64), cache=False)
def look_up(hashes, stops, keys, numbers, features, edges, width):
    """Write the distinct features of every text one after another, and where each text's end."""
    mask = uint64(len(keys) - 1)
    last = np.full(width, -1, np.int64)
    count, start = 0, 0
    for text in range(len(stops)):
        for word in range(start, stops[text]):
            value = hashes[word]
            place = value & mask
            while numbers[place] >= 0 and keys[place] != value:
                place = (place + uint64(1)) & mask
            feature = max(numbers[place], 0)
            if last[feature] != text:
                last[feature] = text
                features[count] = feature
                count += 1
        start = stops[text]
        edges[text + 1] = count
    return count


@njit((float32[:, ::1], float32[::1], float32[:, ::1], float32[::1], int32[::1], int64, int64, float32[::1],
       float32[::1]), cache=False)  # fmt: skip
def forward(first, bias, second, last, features, start, stop, hidden, scores):
    """Write the hidden layer and the class scores of one text."""
    for unit in range(len(hidden)):
        hidden[unit] = bias[unit]
    for label in range(len(scores)):
        scores[label] = last[label]
    for place in range(start, stop):
        row = features[place]
        for unit in range(len(hidden)):
            hidden[unit] += first[row, unit]
    for unit in range(len(hidden)):
        hidden[unit] = max(hidden[unit], float32(0))
        for label in range(len(scores)):
            scores[label] += hidden[unit] * second[unit, label]


@njit((float32[::1],), cache=False)
def softmax(scores):
    """Turn class scores into probabilities, in place."""
    highest, total = scores[0], float32(0)
    for label in range(len(scores)):
        highest = max(highest, scores[label])
    for label in range(len(scores)):
        scores[label] = math.exp(scores[label] - highest)
        total += scores[label]
    for label in range(len(scores)):
        scores[label] /= total


@njit(void(float32[::1], float32[::1], float32[::1], float32[::1], float32), cache=False, fastmath=True)
def adam(weight, slope, mean, square, rate):
    """Kingma and Ba (2015); ``rate`` holds the correction for the first steps. The slope is used up."""
    for place in range(len(weight)):
        mean[place] += (slope[place] - mean[place]) * (float32(1) - BETA1)
        square[place] += (slope[place] * slope[place] - square[place]) * (float32(1) - BETA2)
        weight[place] -= rate * mean[place] / (math.sqrt(square[place]) + EPSILON)
        slope[place] = 0


@njit((float32[:, ::1], float32[::1], float32[:, ::1], float32[::1], float32[:, ::1], float32[::1],
       float32[:, ::1], float32[::1], int32[::1], int64[::1], int64[::1], int64[::1]), cache=False,
      fastmath=True)  # fmt: skip
def slopes(first, bias, second, last, d_first, d_bias, d_second, d_last, features, edges, labels, texts):
    """Add the slopes of the mean cross-entropy over a batch."""
    hidden, down = np.empty(len(bias), np.float32), np.empty(len(bias), np.float32)
    scores = np.empty(len(last), np.float32)
    share = float32(1 / len(texts))
    for text in texts:
        start, stop = edges[text], edges[text + 1]
        forward(first, bias, second, last, features, start, stop, hidden, scores)
        softmax(scores)
        for label in range(len(scores)):
            scores[label] = share * (scores[label] - float32(label == labels[text]))
            d_last[label] += scores[label]
        for unit in range(len(hidden)):
            down[unit] = 0
            if hidden[unit] > 0:
                for label in range(len(scores)):
                    down[unit] += scores[label] * second[unit, label]
                    d_second[unit, label] += hidden[unit] * scores[label]
            d_bias[unit] += down[unit]
        for place in range(start, stop):
            row = features[place]
            for unit in range(len(down)):
                d_first[row, unit] += down[unit]
