"""The closed model without TensorFlow: words hashed as bytes, each text a short list of feature numbers.

A text touches some twenty of 2,500 features, so the first layer adds a few rows of its weights instead of
multiplying by a matrix of zeros and ones. The loops are compiled by Numba when the file is imported.
Features are those of Keras's TextVectorization: ASCII letters become small, punctuation goes, words are
what lies between blanks; feature 0 stands for all words outside the vocabulary.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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


class Vocabulary:
    """The most frequent words; ``features(data, ends)`` are the distinct feature numbers of each text."""

    def __init__(self, data, ends, size):
        hashes, _ = self._hashes(data, ends)
        places = 1 << max(10, int(2 * len(hashes)).bit_length())
        keys, counts = np.zeros(places, np.uint64), np.zeros(places, np.int64)
        count_words(hashes, keys, counts)
        used = np.flatnonzero(counts)
        kept = used[np.argsort(-counts[used], kind="stable")[: size - 1]]
        self.width = size
        room = 1 << (4 * size).bit_length()
        self._keys, self._numbers = np.zeros(room, np.uint64), np.full(room, -1, np.int32)
        for number, value in enumerate(keys[kept].tolist(), 1):
            place = value & (room - 1)
            while self._numbers[place] >= 0:
                place = (place + 1) & (room - 1)
            self._keys[place], self._numbers[place] = value, number

    @staticmethod
    def _hashes(data, ends):
        hashes, stops = np.empty(len(data) // 2 + len(ends) + 1, np.uint64), np.empty(len(ends), np.int64)
        return hashes[: hash_words(data, ends, hashes, stops, DROPPED, BLANK)], stops

    def features(self, data, ends):
        hashes, stops = self._hashes(data, ends)
        features, edges = np.empty(len(hashes), np.int32), np.zeros(len(ends) + 1, np.int64)
        count = look_up(hashes, stops, self._keys, self._numbers, features, edges, self.width)
        return features[:count], edges


class Network:
    """Weights of the closed model, with what Adam remembers of each."""

    def __init__(self, width, hidden, classes, rng):
        def glorot(inner, outer):
            reach = np.sqrt(6 / (inner + outer))
            return rng.uniform(-reach, reach, (inner, outer)).astype(np.float32)

        self.weights = [
            glorot(width, hidden), np.zeros(hidden, np.float32), glorot(hidden, classes),
            np.zeros(classes, np.float32),
        ]  # fmt: skip
        self.slopes, self.means, self.squares = (
            [np.zeros_like(weight) for weight in self.weights] for _ in range(3)
        )
        self.steps = 0

    def step(self, features, edges, labels, texts, rate):
        slopes(*self.weights, *self.slopes, features, edges, labels, texts)
        self.steps += 1
        rate *= np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        for parts in zip(self.weights, self.slopes, self.means, self.squares, strict=True):
            adam(*(part.reshape(-1) for part in parts), np.float32(rate))

    def scores(self, features, edges):
        hidden = np.empty_like(self.weights[1])
        scores = np.empty((len(edges) - 1, len(self.weights[3])), np.float32)
        for text, row in enumerate(scores):
            forward(*self.weights, features, edges[text], edges[text + 1], hidden, row)
        return scores


def buffers(column):
    """Return the bytes of a column of binary values, one after another, and where each ends."""
    values = pa.concat_arrays(column.chunks)
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[: len(values) + 1].astype(np.int64)
    return np.array(np.frombuffer(data, np.uint8)[: ends[-1]]), ends[1:]


def joined(texts):
    """Return the bytes of an array of strings, and where each ends."""
    parts = texts.tolist()
    data = np.frombuffer(bytearray(b"".join(parts)), np.uint8)
    return data, np.cumsum([len(part) for part in parts], dtype=np.int64)


def build(context):
    public, params = Path(context.public), context.params
    table = pq.read_table(public / "train.parquet")
    classes = len(json.loads((public / "about.json").read_text())["classes"])
    data, ends = buffers(table.column("text"))
    labels = table.column("label").to_numpy().astype(np.int64)
    vocabulary = Vocabulary(data, ends, params["vocabulary"])
    features, edges = vocabulary.features(data, ends)
    rng = np.random.default_rng(context.seed)
    network = Network(vocabulary.width, params["hidden"][0], classes, rng)
    for _ in range(params["epochs"]):
        order = rng.permutation(len(labels))
        for start in range(0, len(order), params["batch"]):
            texts = order[start : start + params["batch"]]
            network.step(features, edges, labels, texts, params["learning_rate"])

    def model(x):
        found, edges = vocabulary.features(*joined(x["texts"]))
        if str(x["ask"]) == "labels":
            return network.scores(found, edges)
        table = np.zeros((len(edges) - 1, vocabulary.width), np.float32)
        table[np.repeat(np.arange(len(edges) - 1), np.diff(edges)), found] = 1
        return table

    return model
