"""Generated clicks: the article's schema, a planted model, Zipf-distributed ids, segment by segment.

1 label, 10 numbers, 37 one-hot and 3 ten-hot categories, after the benchmark of "Accelerating recommender
systems" (NVIDIA and TensorFlow, TF 2.7). The label is drawn from a planted logit: linear in
the numbers, one weight per id, and products of hidden factors of pairs of categories that only a deep model
can learn. Its probabilities are known, and so is the best possible AUC.

A segment is made from (seed, its number) alone: memory does not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.clicks.canaries import Canaries
from datasets.clicks.schema import Category, Chunk, Schema
from datasets.streams import stream
from harness.spec import Progress, no_progress
from harness.spec.dataset import is_key

if TYPE_CHECKING:
    from harness.spec import Array

NUMBERS, ONE_HOT, MULTI_HOT, WIDTH = 10, 37, 3, 10
SEGMENT = 1 << 15
_ZIPF = 1.05
_QUANTILE_BITS = 18
_PAIRS = 8
_HIDDEN = 1 << 20
"""Segments from this number on are hidden rows; no model is trained on them."""


@dataclass(frozen=True)
class Plan:
    """What is generated. ``rows`` is rounded up to whole segments of 32,768."""

    rows: int = 1 << 18
    vocabulary: int = 10_000
    seed: int = 0
    hidden: int = 1 << 16
    probes: int = 4096

    @property
    def segments(self) -> int:
        """How many segments of training data there are."""
        return -(-self.rows // SEGMENT)

    @property
    def schema(self) -> Schema:
        """The columns of the article's benchmark."""
        single = tuple(Category(f"c{i:02}", self.vocabulary) for i in range(ONE_HOT))
        multiple = tuple(Category(f"m{i}", self.vocabulary, WIDTH) for i in range(MULTI_HOT))
        return Schema(tuple(f"n{i}" for i in range(NUMBERS)), single + multiple, self.segments * SEGMENT)


@dataclass(frozen=True)
class Planted:
    """The model behind the labels, and how popularity ranks become ids; drawn once from the plan's seed."""

    plan: Plan

    @cached_property
    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(stream(self.plan.seed, 1))

    @cached_property
    def common(self) -> int:
        """Ranks below this follow Zipf's law; the rarest quarter is reserved for canaries."""
        return self.plan.vocabulary - self.plan.vocabulary // 4

    @cached_property
    def quantiles(self) -> Array:
        """The rank at each of 2**18 quantiles of Zipf's law, int32."""
        weights = np.arange(1, self.common + 1) ** -_ZIPF
        middle = (np.arange(1 << _QUANTILE_BITS) + 0.5) / (1 << _QUANTILE_BITS)
        return np.searchsorted(np.cumsum(weights) / weights.sum(), middle).astype(np.int32)

    @cached_property
    def parts(self) -> dict[str, Array]:
        """What is drawn once: ids of ranks (40, vocabulary), weights of numbers and of ranks, factors."""
        rng, columns, size = self._rng, ONE_HOT + MULTI_HOT, self.plan.vocabulary
        scale = np.geomspace(0.55, 0.1, columns)
        weights = rng.normal(size=(columns, size)) * rng.permutation(scale)[:, None]
        weights[ONE_HOT:] *= 1.2 / WIDTH**0.5
        weights[:, self.common :] = 0
        return {
            "ids": np.stack([rng.permutation(size) for _ in range(columns)]).astype(np.int32),
            "numbers": rng.normal(size=NUMBERS).astype(np.float32) * np.float32(0.3),
            "weights": weights.astype(np.float32),
            "pairs": rng.permutation(ONE_HOT)[: 2 * _PAIRS].reshape(_PAIRS, 2),
            "factors": rng.normal(size=(_PAIRS, 2, size)).astype(np.float32) * np.float32(0.5),
        }

    @cached_property
    def canaries(self) -> Canaries:
        """The ids that occur in one row each."""
        return Canaries(
            self.plan.segments, SEGMENT, ONE_HOT, self.plan.vocabulary, self.common, self.plan.seed
        )

    def ordinary(self, number: int) -> tuple[Array, Array, np.random.Generator]:
        """Return a segment's numbers (10, n) and ranks (67, n) before any canary, and its generator."""
        rng = np.random.Generator(np.random.SFC64(stream(self.plan.seed, 2, number)))
        numbers = rng.standard_normal((NUMBERS, SEGMENT), np.float32)
        slots = ONE_HOT + MULTI_HOT * WIDTH
        raw = rng.bit_generator.random_raw(slots * SEGMENT // 2).view(np.uint32)
        raw >>= np.uint32(32 - _QUANTILE_BITS)
        return numbers, self.quantiles.take(raw, mode="clip").reshape(slots, SEGMENT), rng

    def logits(self, numbers: Array, ranks: Array) -> Array:
        """Return the planted logits (n,) float32 of numbers (10, n) and ranks (67, n)."""
        parts = self.parts
        total: Array = parts["numbers"] @ numbers - np.float32(1.2)
        for slot, values in enumerate(ranks):
            total += parts["weights"][_column(slot)].take(values)
        for (left, right), factors in zip(parts["pairs"], parts["factors"], strict=True):
            total += factors[0].take(ranks[left]) * factors[1].take(ranks[right])
        return total

    def ids(self, ranks: Array) -> Array:
        """Return the ids (67, n) of ranks."""
        ids = np.empty(ranks.shape, np.int32)
        for slot, values in enumerate(ranks):
            self.parts["ids"][_column(slot)].take(values, out=ids[slot], mode="clip")
        return ids


def segment(planted: Planted, number: int) -> Chunk:
    """Return the rows of one training segment, canaries included."""
    numbers, ranks, rng = planted.ordinary(number)
    column, rank, rows = planted.canaries.of(number)
    ranks[column, rows] = rank
    return Chunk(drawn(planted.logits(numbers, ranks), rng), numbers, planted.ids(ranks))


def drawn(logits: Array, rng: np.random.Generator) -> Array:
    """Draw labels uint8 (n,) from logits."""
    label: Array = (rng.random(len(logits), np.float32) * (1 + np.exp(-logits)) < 1).astype(np.uint8)
    return label


def training(plan: Plan, planted: Planted | None = None) -> Iterator[Chunk]:
    """Yield the training rows, segment by segment."""
    planted = planted or Planted(plan)
    return (segment(planted, number) for number in range(plan.segments))


def hidden(planted: Planted) -> tuple[Chunk, Array]:
    """Return hidden rows, none with a canary, and their true probabilities float64 (n,)."""
    from datasets.clicks.schema import joined

    chunks, probabilities = [], []
    for number in range(-(-planted.plan.hidden // SEGMENT)):
        numbers, ranks, rng = planted.ordinary(_HIDDEN + number)
        logits = planted.logits(numbers, ranks)
        if is_key(planted.plan.seed):  # the numbers shown are output of the other stream
            rng = np.random.default_rng(stream(planted.plan.seed, 6, number))
        chunks.append(Chunk(drawn(logits, rng), numbers, planted.ids(ranks)))
        probabilities.append(1 / (1 + np.exp(-logits.astype(np.float64))))
    rows = slice(0, planted.plan.hidden)
    return joined(chunks).take(rows), np.concatenate(probabilities)[rows]


def probes(planted: Planted, label: Array) -> dict[str, Array]:
    """Return pairs of rows that differ in one id: ``ids`` (2, 67, n), ``numerical`` (10, n), ``label`` (n,).

    ``ids[1]`` holds a canary, whose row in the training data had the label, ``ids[0]`` an id that no row has.
    """
    segments = range(planted.plan.segments)
    canaries = [planted.canaries.probed(number, planted.plan.probes) for number in segments]
    column, rank, _ = (np.concatenate(part) for part in zip(*canaries, strict=True))
    count = len(column)
    numbers, ranks = _fresh(planted, 2 * _HIDDEN, count)
    pair = np.stack([ranks, ranks])
    pair[0, column, np.arange(count)] = planted.canaries.unseen(count)
    pair[1, column, np.arange(count)] = rank
    ids = np.stack([planted.ids(ranks) for ranks in pair])
    return {"ids": ids, "numerical": numbers, "label": label}


def _fresh(planted: Planted, first: int, count: int) -> tuple[Array, Array]:
    """Return numbers and ranks of ``count`` ordinary rows from segment ``first`` on."""
    parts = [planted.ordinary(first + extra)[:2] for extra in range(-(-count // SEGMENT))]
    numbers, ranks = (np.concatenate(part, axis=1)[:, :count] for part in zip(*parts, strict=True))
    return numbers, ranks


def write(plan: Plan, folder: Path, progress: Progress = no_progress) -> None:
    """Write training rows into ``folder/public``, hidden rows and probes into ``folder/private``."""
    from datasets.clicks import store

    planted = Planted(plan)
    labels: list[Array] = []

    def recorded() -> Iterator[Chunk]:
        for number, chunk in enumerate(training(plan, planted)):
            labels.append(chunk.label[planted.canaries.probed(number, plan.probes)[2]])
            yield chunk

    store.write_training(folder / "public", plan.schema, recorded(), progress, plan.segments)
    rows, probabilities = hidden(planted)
    store.write_hidden(folder / "private", rows, probabilities, probes(planted, np.concatenate(labels)))


def _column(slot: int) -> int:
    """Return the category to which a slot among a row's ids belongs."""
    return slot if slot < ONE_HOT else ONE_HOT + (slot - ONE_HOT) // WIDTH
