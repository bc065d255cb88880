"""The closed model without TensorFlow: words hashed as bytes, each text a short list of feature numbers.

A text touches some twenty of 2,500 features, so the first layer adds a few rows of its weights instead of
multiplying by a matrix of zeros and ones. The loops are C, compiled while the model is built.
Features are those of Keras's TextVectorization: ASCII letters become small, punctuation goes, words are
what lies between blanks; feature 0 stands for all words outside the vocabulary.
"""

from __future__ import annotations

import ctypes
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from c_library import call, compiled

FLAGS = ("-O3", "-march=native", "-fno-math-errno")
MEANING = np.arange(256, dtype=np.int16)
"""What ``hash_words`` makes of a byte: itself, a small letter, -1 for a blank, -2 for what is dropped."""
MEANING[65:91] += 32
MEANING[list(b" \t\n\v\f\r")] = -1
MEANING[list(b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'")] = -2


class Vocabulary:
    """The most frequent words; ``features(data, ends)`` are the distinct feature numbers of each text."""

    def __init__(self, loops, data, ends, size):
        self._loops = loops
        loops.hash_words.restype = loops.look_up.restype = ctypes.c_int64
        hashes, _ = self._hashes(data, ends)
        places = 1 << max(10, int(2 * len(hashes)).bit_length())
        keys, counts = np.zeros(places, np.uint64), np.zeros(places, np.int64)
        call(loops.count_words, hashes, len(hashes), places - 1, keys, counts)
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

    def _hashes(self, data, ends):
        hashes, stops = np.empty(len(data) // 2 + len(ends) + 1, np.uint64), np.empty(len(ends), np.int64)
        count = call(self._loops.hash_words, data, len(ends), ends, MEANING, hashes, stops)
        return hashes[:count], stops

    def features(self, data, ends):
        hashes, stops = self._hashes(data, ends)
        features, edges = np.empty(len(hashes), np.int32), np.zeros(len(ends) + 1, np.int64)
        table = len(self._keys) - 1, self._keys, self._numbers
        count = call(self._loops.look_up, hashes, len(ends), stops, *table, features, edges)
        return features[:count], edges


class Network:
    """The weights of both layers one after another, with what Adam remembers of each."""

    def __init__(self, loops, width, hidden, classes, rng):
        def glorot(inner, outer):
            reach = np.sqrt(6 / (inner + outer))
            return rng.uniform(-reach, reach, inner * outer).astype(np.float32)

        self._loops, self._classes = loops, classes
        layers = glorot(width, hidden), np.zeros(hidden), glorot(hidden, classes), np.zeros(classes)
        self.weights = np.concatenate(layers, dtype=np.float32)
        self._kept = [np.zeros_like(self.weights) for _ in range(3)]
        self._steps = 0

    def step(self, features, edges, labels, texts, rate):
        self._steps += 1
        rate *= np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        batch = features, edges, labels, texts, len(texts)
        call(self._loops.step, self.weights, *self._kept, *batch, np.float32(rate))

    def scores(self, features, edges):
        scores = np.empty((len(edges) - 1, self._classes), np.float32)
        call(self._loops.answer, self.weights, features, edges, len(scores), scores)
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
    classes = len(json.loads((public / "about.json").read_text())["classes"])
    sizes = {"WIDTH": params["vocabulary"], "HIDDEN": params["hidden"][0], "CLASSES": classes}
    loops = compiled(Path(__file__).with_name("loops.c"), context.workdir, FLAGS, **sizes)
    table = pq.read_table(public / "train.parquet")
    data, ends = buffers(table.column("text"))
    labels = table.column("label").to_numpy().astype(np.int64)
    vocabulary = Vocabulary(loops, data, ends, params["vocabulary"])
    features, edges = vocabulary.features(data, ends)
    rng = np.random.default_rng(context.seed)
    network = Network(loops, vocabulary.width, params["hidden"][0], classes, rng)
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
