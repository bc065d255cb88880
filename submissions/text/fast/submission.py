"""The closed model without TensorFlow: words hashed as bytes, each text a short list of feature numbers.

A text touches some twenty of 2,500 features, so the first layer adds a few rows of its weights instead of
multiplying by a matrix of zeros and ones. The loops are compiled by Numba when the file is imported.
Features are those of Keras's TextVectorization: ASCII letters become small, punctuation goes, words are
what lies between blanks; feature 0 stands for all words outside the vocabulary.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from loops import BLANK, DROPPED, adam, count_words, forward, hash_words, look_up, slopes


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
