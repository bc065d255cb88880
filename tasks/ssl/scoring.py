"""How task ssl judges embeddings: a probe and neighbours on hidden labels, signs of collapse, speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Figures, Query
from tasks.ssl.blocks import CLASSES, MOVED, POOL, TEST, Block, embedded, gathered

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

WAYS = ("probe", "knn")
LABELS = (1, 10, 50, None)
"""Labels a class that the probe is given; None: all of the pool's."""
DRAWS = {1: 160, 10: 40, 50: 10}
"""How many sets of labels are drawn; one where it does not say.

With one label a class accuracy scatters by 5 points from draw to draw; in the mean over the draws by 0.4.
"""


def across(asked: Sequence[Query], answers: Sequence[Arrays]) -> Sequence[Arrays]:
    """Labels that the probe and the neighbours give each block's test pictures: (draws, tested) by method.

    All blocks share the label draws, so that each draw is fitted once; there are so many that the mean over
    them says little of which they were, and resampling blocks gives intervals that hold for other pictures.
    """
    return judged([query.truth for query in asked], answers, LABELS)


def judged(
    blocks: Sequence[Block],
    answers: Sequence[Arrays],
    counts: Sequence[int | None],
    ways: Sequence[str] = WAYS,
) -> list[Arrays]:
    """Labels for the test pictures of each block, by each way at each number of labels a class."""
    from tasks.metrics import embedding

    pool, labels = gathered(blocks, answers, POOL)
    (flat,) = embedding.standardise(pool)
    everything = embedding.fit_probe(flat, labels, CLASSES) if None in counts and "probe" in ways else None
    kept = [not block.is_gate for block in blocks]
    tests = [
        embedded(answer)[block.kind == TEST] if asked else pool[:0]
        for block, answer, asked in zip(blocks, answers, kept, strict=True)
    ]
    ends = np.cumsum([len(test) for test in tests])[:-1]
    test = np.concatenate(tests)
    _, test_flat = embedding.standardise(pool, test)
    given: dict[str, Array] = {}
    for count in counts:
        rng = np.random.default_rng([blocks[0].secret, count or 0])
        drawn = [embedding.label_draw(labels, count, rng) for _ in range(DRAWS.get(count or 0, 1))]
        if "probe" in ways:
            known = everything if count is None else None
            fitted = (known or embedding.fit_probe(flat[draw], labels[draw], CLASSES) for draw in drawn)
            given[f"probe_{named(count)}"] = np.stack([embedding.predict(one, test_flat) for one in fitted])
        if "knn" in ways:
            near = [embedding.nearest(pool[draw], labels[draw], test, CLASSES) for draw in drawn]
            given[f"knn_{named(count)}"] = np.stack(near)
    parts = {method: np.split(told, ends, axis=1) for method, told in given.items()}
    return [{method: parts[method][number] for method in given} for number in range(len(blocks))]


def named(count: int | None) -> str:
    """How a number of labels a class is called in metrics."""
    return "all" if count is None else str(count)


def tally(labels_given: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """How many test pictures of a block each method got right, in the mean over draws, and how many it has.

    Of the gate none.
    """
    assert isinstance(labels_given, Mapping)
    labels = truth.labels[truth.kind == TEST]
    right = {
        method: float(np.mean(np.sum(given == labels, axis=-1))) for method, given in labels_given.items()
    }
    return {**right, "tested": float(len(labels))}


def accuracy(method: str, sums: Mapping[str, Array]) -> Array:
    """Accuracy of one method in per cent."""
    return np.asarray(100 * sums[method] / np.maximum(sums["tested"], 1))


def effective_rank(answers: Sequence[Arrays], truths: Sequence[Any]) -> float:
    """How many dimensions the embedding of the pool fills (Roy and Vetterli 2007)."""
    from tasks.metrics import embedding

    return embedding.effective_rank(gathered(truths, answers, POOL)[0])


def uniformity(answers: Sequence[Arrays], truths: Sequence[Any]) -> float:
    """How evenly at most 2,000 embeddings of the pool lie on the sphere (Wang and Isola 2020)."""
    from tasks.metrics import embedding

    return embedding.uniformity(gathered(truths, answers, POOL)[0][:2000])


def alignment(answers: Sequence[Arrays], truths: Sequence[Any]) -> float:
    """How far a test picture's embedding moves with the picture (Wang and Isola 2020)."""
    from tasks.metrics import embedding

    return embedding.alignment(gathered(truths, answers, TEST)[0], gathered(truths, answers, MOVED)[0])


def width(answers: Sequence[Arrays], truths: Sequence[Any]) -> float:
    """How many numbers an embedding has."""
    return float(gathered(truths, answers, POOL)[0].shape[1])


def warnings(figures: Figures) -> Sequence[str]:
    """Name a collapsed encoder."""
    from tasks.metrics import embedding

    rank, numbers = figures["effective_rank"][0], figures["width"][0]
    sign = embedding.collapse(rank, int(numbers)) if rank is not None and numbers is not None else None
    return [sign] if sign else []


def figures(asked: Sequence[Query], answers: Sequence[Arrays], metrics: Figures) -> Mapping[str, bytes]:
    """Accuracy against labels, a map of the embedding, and nearest neighbours."""
    from tasks.ssl import figures as drawings

    blocks = [query.truth for query in asked]
    shown = [np.asarray(query.load()) for query in asked]
    test, labels = gathered(blocks, answers, TEST)
    faces, _ = gathered(blocks, shown, TEST)
    return {
        "accuracy_by_labels.png": drawings.accuracy(metrics, [named(count) for count in LABELS]),
        "map.png": drawings.map_of(test, labels),
        "neighbours.png": drawings.neighbours(test, faces),
    }
