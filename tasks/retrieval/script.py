"""The script of task retrieval: episodes of new classes, then thousands of classes more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Query

if TYPE_CHECKING:
    from datasets.glyphs.layout import Hidden
    from harness.spec import Array, Prepared

SHOTS = (1, 5, 20)
SIZES = (1_000, 10_000)
"""How many classes are known when single queries are timed, beside the base classes alone."""
TIMED = 16
BLOCK, MOST_OLD = 20, 200
OLD_EACH = 10
"""Pictures of base classes in a query of an episode."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The truth of a query: the class (m,) of each picture, and among which classes it may be.

    Of the ``known`` classes those below ``base`` are old; ``new`` (n,) are the episode's own, of which
    ``shots`` examples each have been taught. ``phase`` is ``before``, ``episode``, ``after``, ``speed`` or
    ``added``.
    """

    labels: Array
    known: int
    base: int
    phase: str
    shots: int = 0
    new: Array | None = None


@dataclass(frozen=True)
class Taught:
    """What a lesson adds: how many new classes, and how many are known afterwards."""

    classes: int
    known: int


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return the script: old classes, episodes, old classes again, then lessons with many classes."""
    from datasets.glyphs import layout

    hidden = layout.read(prepared.private)
    base = len(hidden.old)
    known = base + hidden.taught.shape[0] * hidden.taught.shape[1]
    return [
        *_old(hidden, "before", base),
        *_speed(hidden, "speed", base, "growth-0"),
        *_episodes(hidden),
        *_old(hidden, "after", known),
        *_growth(hidden, known),
    ]


def _question(name: str, cluster: str, x: Array, truth: Asked) -> Query:
    return Query(name, cluster, "public", partial(np.copy, x), truth)


def _lesson(name: str, cluster: str, x: Array, y: Array, taught: Taught) -> Query:
    return Query(name, cluster, "public", partial(np.copy, x), taught, partial(np.copy, y))


def _old(hidden: Hidden, phase: str, known: int) -> Iterator[Query]:
    """Ask about base classes, the same pictures before and after the episodes."""
    base = len(hidden.old)
    images, labels = hidden.old[:, 0], np.arange(base)
    if hidden.old.shape[1] > 1:
        images, labels = np.concatenate([images, hidden.old[:, 1]]), np.tile(labels, 2)
    for start in range(0, min(len(images), MOST_OLD), BLOCK):
        part = slice(start, start + BLOCK)
        truth = Asked(labels[part], known, base, phase)
        yield _question(f"{phase}-{start // BLOCK}", phase, images[part], truth)


def _speed(hidden: Hidden, phase: str, known: int, cluster: str) -> Iterator[Query]:
    """Ask one picture at a time."""
    base = len(hidden.old)
    for number in range(TIMED):
        label = number % base
        truth = Asked(np.array([label]), known, base, phase)
        yield _question(f"{phase}-{known}-{number}", cluster, hidden.old[label, :1], truth)


def _episodes(hidden: Hidden) -> Iterator[Query]:
    """Teach the new classes of each episode up to 1, 5 and 20 examples, and ask old and new after each."""
    base, (episodes, way, shots) = len(hidden.old), hidden.taught.shape[:3]
    rng = np.random.default_rng(base)
    for episode in range(episodes):
        first = base + episode * way
        new, name = np.arange(first, first + way), f"episode-{episode:03d}"
        asked = hidden.asked[episode]
        old = rng.integers(0, base, OLD_EACH)
        drawn = rng.integers(0, hidden.old.shape[1], OLD_EACH)
        images = np.concatenate([hidden.old[old, drawn], asked.reshape(-1, *asked.shape[2:])])
        labels = np.concatenate([old, np.repeat(new, asked.shape[1])])
        order = rng.permutation(len(labels))
        given = 0
        for count in [count for count in SHOTS if count <= shots]:
            part = hidden.taught[episode, :, given:count]
            x, y = part.reshape(-1, *part.shape[2:]), np.repeat(new, count - given)
            taught = Taught(0 if given else way, first + way)
            yield _lesson(f"{name}-lesson-{count}", name, x, y, taught)
            truth = Asked(labels[order], first + way, base, "episode", count, new)
            yield _question(f"{name}-after-{count}", name, images[order], truth)
            given = count


def _growth(hidden: Hidden, known: int) -> Iterator[Query]:
    """Teach many classes at once, time single queries, then add a few classes one by one and ask again."""
    start = known
    for size in SIZES:
        if size <= known or size - start > len(hidden.extra):
            continue
        cluster = f"growth-{size}"
        part = hidden.extra[known - start : size - start]
        taught = Taught(size - known, size)
        yield _lesson(f"lesson-{size}", cluster, part, np.arange(known, size), taught)
        known = size
        yield from _speed(hidden, "speed", known, cluster)
    for image in hidden.extra[known - start :] if known > start else ():
        known += 1
        one = Taught(1, known)
        yield _lesson(f"lesson-{known}", "growth-one", image[None], np.array([known - 1]), one)
    if known > start:
        yield from _speed(hidden, "added", known, "growth-one")
