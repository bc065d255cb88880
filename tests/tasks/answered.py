"""Three small units of each shipped task, the second of which is answered wrongly where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from datasets.photos.bicubic import resize
from harness.spec import Query
from tasks.drift.spans import Span
from tasks.metrics import masks
from tasks.recommender import rows
from tasks.retrieval.script import Asked
from tasks.ssl import blocks
from tasks.super_resolution import pictures
from tasks.text import strings
from tasks.tiny_latency import chains

Answered = tuple[Query, Any]
WRONG = 1
RNG = np.random.default_rng(0)
PHOTOGRAPH = resize(RNG.integers(0, 256, (16, 16, 3)).astype(np.uint8), 64, 64)
NUMBERS, IDS = RNG.normal(size=(9, 30)).astype(np.float32), RNG.integers(0, 99, (30, 12))
FACES = RNG.integers(0, 256, (40, 8, 8, 1)).astype(np.uint8)


def query(number: int, x: Any, truth: Any) -> Query:
    return Query(f"unit {number}/a", f"cluster-{number}", "public", lambda: x, truth)


def starfish(number: int, wrong: bool) -> Answered:
    box = np.array([[8.0, 8.0, 20.0, 20.0]])
    found = np.zeros((0, 5)) if wrong else np.hstack([[[0.9]], box])
    return query(number, {"frame": np.full((36, 64, 3), 90, np.uint8)}, box), found


def person(number: int, wrong: bool) -> Answered:
    true = np.zeros((40, 40), bool)
    true[10:30, 10:30] = True
    truth = masks.Truth(true.shape, 0, 1, lambda: true)
    return query(number, {"frame": np.full((40, 40, 3), 90, np.uint8)}, truth), true ^ wrong


def photograph(number: int, wrong: bool) -> Answered:
    low = PHOTOGRAPH[::4, ::4]
    truth = pictures.Truth(PHOTOGRAPH.shape, lambda: PHOTOGRAPH, lambda: low)
    return query(number, {"picture": low}, truth), resize(low, 64, 64) // (2 if wrong else 1)


def span(number: int, wrong: bool, shape: tuple[int, ...] = (8, 8)) -> Answered:
    x = np.random.default_rng(1).uniform(0, 16, (20, *shape)).astype(np.float32)
    labels = np.arange(20) % 10
    truth = Span(number, labels, np.full(20, number), 20)
    return query(number, x, truth), (labels + wrong) % 10


def clicks(number: int, wrong: bool) -> Answered:
    label, none = np.arange(30) % 2, np.full(30, -1)
    truth = rows.Truth(label, none, none, np.full(30, np.nan))
    given = 0.3 + 0.4 * (label != wrong)
    return query(number, {"numerical": NUMBERS.T, "categorical": IDS}, truth), given.astype(np.float32)


def block(number: int, wrong: bool) -> tuple[Query, np.ndarray]:
    """A block of ssl with one-hot rows for the labels that are to be named."""
    kind = np.repeat([blocks.POOL, blocks.TEST, blocks.MOVED], [20, 10, 10])
    labels = np.arange(40) % 10
    truth = blocks.Block(number, 7, np.arange(40) + 40 * number, kind, labels)
    named = np.where(wrong & (kind == blocks.TEST), (labels + 1) % 10, labels)
    return query(number, FACES, truth), np.eye(10, dtype=np.float32)[named]


def reviews(number: int, wrong: bool) -> Answered:
    texts = ["good – ünïcödé\n", "bad \U0001f600", "so-so " * 200, "x"]
    truth = strings.Truth(strings.LABELS, 4, np.array([1, 0, 1, 0]), ("negative", "positive"))
    named = truth.labels ^ np.array([wrong, wrong, False, False])
    asked = {"texts": np.array([text.encode() for text in texts]), "ask": np.array(strings.LABELS)}
    return query(number, asked, truth), np.eye(2)[named.astype(int)]


def episode(number: int, wrong: bool) -> Answered:
    labels = np.array([0, 3, 100, 104])
    truth = Asked(labels, 105, 100, "episode", 5, np.arange(100, 105))
    named = np.array([1, 3, 100, 103]) if wrong else labels
    return query(number, FACES[:4, :, :, 0], truth), np.eye(105)[named]


def chain(number: int, wrong: bool) -> Answered:
    right = np.random.default_rng(number).normal(size=(3, 16))
    given = np.where(np.arange(16) == 5 * wrong, right + 1e-3 * wrong, right)
    return query(number, {}, chains.Truth(2500, right)), given + 1e-8


MAKERS: Mapping[str, Callable[[int, bool], Answered]] = {
    "cots": starfish,
    "drift": span,
    "recommender": clicks,
    "recommender_open": clicks,
    "recommender_throughput": clicks,
    "retrieval": episode,
    "segmentation": person,
    "ssl": block,
    "ssl_finetune": block,
    "super_resolution": photograph,
    "super_resolution_speed": photograph,
    "text": reviews,
    "tiny_latency": chain,
}


def answered(make: Callable[[int, bool], Answered], wrong: bool) -> tuple[list[Query], list[Any]]:
    """Three queries and their raw answers."""
    pairs = [make(number, wrong and number == WRONG) for number in range(3)]
    return [query for query, _ in pairs], [answer for _, answer in pairs]
