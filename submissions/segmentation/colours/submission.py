"""No learning: where people tend to sit, and the colours of this very frame. The same work for every frame.

Colour histograms of the person and of the background start from a head and shoulders in the middle of the
frame; each round weighs every pixel by Bayes' rule, smooths, and counts the colours again (after Swain and
Ballard, "Color Indexing", IJCV 1991).
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import cv2
import numpy as np

HEIGHT, WIDTH = 96, 128
BITS = 4
"""Of each colour channel that the histograms tell apart."""
ROUNDS = 3
TRUST = 1.5
"""How much a pixel's colour counts against its place."""


def build(context: SimpleNamespace) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Nothing to load but the guess."""
    cv2.setNumThreads(context.profile["threads"])
    prior = guess()
    odds = np.log(prior / (1 - prior))

    def predict(x: dict[str, np.ndarray]) -> np.ndarray:
        frame = x["frame"]
        small = cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        fine = (small >> (8 - BITS)).astype(np.intp)
        bins = (fine[..., 0] << 2 * BITS) | (fine[..., 1] << BITS) | fine[..., 2]
        person = prior
        for _ in range(ROUNDS):
            colours = evidence(bins, person)
            person = 1 / (1 + np.exp(-(odds + TRUST * colours)))
            person = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 1.5)
        return cv2.resize(person, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)

    return predict


def evidence(bins: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Return the log of how much likelier each pixel's colour is on the person than behind it."""
    count = 1 << 3 * BITS
    on = np.bincount(bins.ravel(), person.ravel(), count)
    off = np.bincount(bins.ravel(), 1 - person.ravel(), count)
    ratio = np.log((on / on.sum() + 1e-4) / (off / off.sum() + 1e-4))
    return ratio[bins]


def guess() -> np.ndarray:
    """Return how likely a person is at each place: float32 (HEIGHT, WIDTH), soft head and shoulders."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(mask, (WIDTH // 2, int(0.42 * HEIGHT)), (WIDTH // 6, HEIGHT // 3), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, (WIDTH // 2, HEIGHT), (int(0.38 * WIDTH), int(0.42 * HEIGHT)), 0, 0, 360, 1, -1)
    return 0.2 + 0.6 * cv2.GaussianBlur(mask, (0, 0), 16)
