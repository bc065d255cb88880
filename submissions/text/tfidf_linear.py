"""TF-IDF of single words and logistic regression, in NumPy and SciPy: the usual baseline without a network.

It departs from the prescribed features and steps: the vocabulary is whole, and L-BFGS sees all rows at once.
It is the reference: it starts fast, and its pace is steady. ``params["pieces"]`` trains in pieces that the
harness times.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy import optimize, sparse

WORD = re.compile(rb"[a-z0-9\x80-\xff]{2,}")
LEAST, MOST_FEATURES, STRENGTH, STEPS = 2, 20_000, 8.0, 40


def words(text):
    return WORD.findall(bytes(text).lower())


class Vocabulary:
    """Words that occur in at least two texts, and how rare each is."""

    def __init__(self, documents):
        seen = Counter(word for document in documents for word in set(document))
        kept = [(word, count) for word, count in seen.most_common(MOST_FEATURES) if count >= LEAST]
        self.places = {word: place for place, (word, _) in enumerate(kept)}
        counts = np.array([count for _, count in kept], np.float64)
        self.rarity = np.log((1 + len(documents)) / (1 + counts)) + 1

    def features(self, documents):
        """Return TF-IDF (n, words), rows of length one."""
        rows, columns = [], []
        for number, document in enumerate(documents):
            places = [self.places[word] for word in document if word in self.places]
            rows += [number] * len(places)
            columns += places
        shape = (len(documents), len(self.places))
        counts = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
        counts.sum_duplicates()
        counts.data = (1 + np.log(counts.data)) * self.rarity[counts.indices]
        length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)))
        return sparse.diags_array(1 / np.maximum(length, 1e-12)) @ counts


def fit(x, labels, classes):
    """Return weights (words + 1, classes) of multinomial logistic regression."""
    x = sparse.hstack([x, np.ones((x.shape[0], 1))]).tocsr()
    turned, target = x.T.tocsr(), np.eye(classes)[labels]

    def objective(flat):
        weights = flat.reshape(-1, classes)
        scores = x @ weights
        scores -= scores.max(axis=1, keepdims=True)
        likely = np.exp(scores)
        total = likely.sum(axis=1, keepdims=True)
        loss = np.log(total).sum() - (scores * target).sum() + (weights**2).sum() / (2 * STRENGTH)
        return loss, (turned @ (likely / total - target) + weights / STRENGTH).ravel()

    start = np.zeros(x.shape[1] * classes)
    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return found.x.reshape(-1, classes)


def build(context):
    public = Path(context.public)
    table = pq.read_table(public / "train.parquet")
    classes = len(json.loads((public / "about.json").read_text())["classes"])
    texts, labels = table.column("text").to_pylist(), table.column("label").to_numpy()
    if "pieces" in context.params:
        return paced(texts, labels, classes, context.params)
    return trained(texts, labels, classes)


def paced(texts, labels, classes, params):
    """Train anew on the first ``params["batches"]`` batches in each piece; yield the model after each."""
    rows = np.resize(np.arange(len(texts)), params["batches"] * params["batch"])
    some = [texts[row] for row in rows]
    for _ in range(params["pieces"]):
        yield trained(some, labels[rows], classes)


def trained(texts, labels, classes):
    """Learn the vocabulary and the weights; return the model that answers queries."""
    documents = [words(text) for text in texts]
    vocabulary = Vocabulary(documents)
    weights = fit(vocabulary.features(documents), labels, classes)

    def model(x):
        features = vocabulary.features([words(text) for text in x["texts"]])
        if str(x["ask"]) == "labels":
            return features @ weights[:-1] + weights[-1]
        return features.toarray().astype(np.float32)

    return model
