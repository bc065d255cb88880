"""How task ssl judges embeddings: a probe and neighbours on hidden labels, signs of collapse, speed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Conclusion, Figures, Outcome, Prepared, Query
from tasks.ssl.blocks import CLASSES, MOVED, POOL, TEST, Block, embedded, gathered

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

WAYS = ("probe", "knn")
LABELS = (1, 10, 50, None)
"""Labels a class that the probe is given; None: all of the pool's."""
GATES = {"digits": 90.0, "cifar10_subset": 30.0, "cifar10": 60.0}
"""Per cent of the gate's pictures that a checkpoint has to get right, by variant of the data."""
GATE_SHARE = 0.5
"""Of the gate's pictures these give the neighbours, the others are asked."""


def together(asked: Sequence[Query], answers: Sequence[Arrays]) -> Sequence[Arrays]:
    """Labels that the probe and the neighbours give the test pictures of each block, by method and draw.

    Every block has label draws of its own: blocks are independent in pictures and in draws, so resampling
    blocks gives intervals that hold for other pictures and other draws alike.
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
    told: list[Arrays] = []
    for block, answer in zip(blocks, answers, strict=True):
        if block.is_gate:
            told.append({f"{way}_{named(count)}": np.zeros(0) for way in ways for count in counts})
            continue
        test = embedded(answer)[block.kind == TEST]
        _, test_flat = embedding.standardise(pool, test)
        found: dict[str, Array] = {}
        for count in counts:
            chance = np.random.default_rng([block.secret, block.number + 1, count or 0])
            draw = embedding.label_draw(labels, count, chance)
            if "probe" in ways:
                known = everything if count is None else None
                fitted = known or embedding.fit_probe(flat[draw], labels[draw], CLASSES)
                found[f"probe_{named(count)}"] = embedding.predict(fitted, test_flat)
            if "knn" in ways:
                found[f"knn_{named(count)}"] = embedding.nearest(pool[draw], labels[draw], test, CLASSES)
        told.append(found)
    return told


def named(count: int | None) -> str:
    """How a number of labels a class is called in metrics."""
    return "all" if count is None else str(count)


def tally(told: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """How many test pictures of a block each method got right, and how many there are; of the gate none."""
    assert isinstance(told, Mapping)
    labels = truth.labels[truth.kind == TEST]
    right = {method: float(np.sum(given == labels)) for method, given in told.items()}
    return {**right, "tested": float(len(labels))}


def aggregate(sums: Mapping[str, Array]) -> Mapping[str, Array]:
    """Accuracies in per cent."""
    return {
        method: 100 * right / np.maximum(sums["tested"], 1)
        for method, right in sums.items()
        if method != "tested"
    }


def overall(answers: Sequence[Arrays], truths: Sequence[Any]) -> Mapping[str, float]:
    """How the first process's embedding fills its space, over at most 2,000 pictures of the pool."""
    from tasks.metrics import embedding

    pool, _ = gathered(truths, answers, POOL)
    test, _ = gathered(truths, answers, TEST)
    moved, _ = gathered(truths, answers, MOVED)
    return {
        "effective_rank": embedding.effective_rank(pool),
        "uniformity": embedding.uniformity(pool[:2000]),
        "alignment": embedding.alignment(test, moved),
        "width": float(pool.shape[1]),
    }


def warnings(found: Figures) -> Sequence[str]:
    """Name a collapsed encoder."""
    from tasks.metrics import embedding

    rank, width = found["effective_rank"][0], found["width"][0]
    sign = embedding.collapse(rank, int(width)) if rank is not None and width is not None else None
    return [sign] if sign else []


def pictures(asked: Sequence[Query], answers: Sequence[Arrays], found: Figures) -> Mapping[str, bytes]:
    """Accuracy against labels, a map of the embedding, and nearest neighbours."""
    from tasks.metrics import embedding_plots

    blocks = [query.truth for query in asked]
    shown = [np.asarray(query.load()) for query in asked]
    test, labels = gathered(blocks, answers, TEST)
    faces, _ = gathered(blocks, shown, TEST)
    return {
        "accuracy_by_labels.png": embedding_plots.accuracy(found, [named(count) for count in LABELS]),
        "map.png": embedding_plots.map_of(test, labels),
        "neighbours.png": embedding_plots.neighbours(test, faces),
    }


def probe(asked: Sequence[Query]) -> Sequence[int]:
    """What a checkpoint is asked: the gate."""
    return [index for index, query in enumerate(asked) if query.truth.is_gate]


def conclude(prepared: Prepared, asked: Sequence[Query], outcomes: Sequence[Outcome]) -> Conclusion:
    """Speed of training and embedding, when the gate was reached, how far seeds differ."""
    blocks = [query.truth for query in asked]
    found = [
        dict(speeds(blocks, outcome)) | _gate(blocks, outcome, GATES[prepared.variant])
        for outcome in outcomes
    ]
    figures = medians(found)
    if len(outcomes) > 1:
        figures["seed_sd"] = stdev(_accuracy(asked, outcome) for outcome in outcomes)
    return concluded(prepared, outcomes, figures)


def concluded(prepared: Prepared, outcomes: Sequence[Outcome], figures: Mapping[str, float]) -> Conclusion:
    """The figures, and a fault where a training took longer than its budget on the harness's clock."""
    from datasets.images import layout

    most = layout.budget(prepared.public).seconds
    longest = max(outcome.seconds["build"] for outcome in outcomes)
    faults = (f"training took {longest:.0f} s; the budget is {most} s",) if longest > most else ()
    return Conclusion({name: (value, None, None) for name, value in figures.items()}, faults)


def medians(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Median over the processes of what every one of them gives."""
    shared = set.intersection(*(set(one) for one in found))
    return {name: median(one[name] for one in found) for name in found[0] if name in shared}


def speeds(blocks: Sequence[Block], outcome: Outcome) -> Iterator[tuple[str, float]]:
    """One process: seconds are the harness's; pictures and parameters are what the entry told."""
    yield "answer_rate", fmean(len(blocks[index].place) / seconds for index, seconds in outcome.asked)
    told = next(iter(outcome.answers.values()))
    assert isinstance(told, Mapping)
    if "parameters" in told:
        yield "parameters", float(told["parameters"])
    if told.get("images"):
        yield "training_rate", float(told["images"]) / outcome.seconds["build"]


def _gate(blocks: Sequence[Block], outcome: Outcome, least: float) -> dict[str, float]:
    """The first checkpoint that passes: its seconds, and the steps the entry told."""
    for checkpoint in outcome.checkpoints:
        (index, answer), *_ = checkpoint.answers.items()
        if gate_accuracy(blocks[index], answer) >= least:
            steps = {"gate_steps": float(answer["steps"])} if "steps" in answer else {}
            return {"gate_s": checkpoint.seconds, **steps}
    return {}


def gate_accuracy(block: Block, answer: Arrays) -> float:
    """Per cent of one half of the gate's pictures whose neighbours in the other half tell their class."""
    from tasks.metrics import embedding

    rows = embedded(answer)
    half = int(GATE_SHARE * len(rows))
    told = embedding.nearest(rows[:half], block.labels[:half], rows[half:], CLASSES)
    return float(100 * np.mean(told == block.labels[half:]))


def _accuracy(asked: Sequence[Query], outcome: Outcome) -> float:
    order = sorted(outcome.answers)
    blocks = [asked[index].truth for index in order]
    told = judged(blocks, [outcome.answers[index] for index in order], (10,), ("knn",))
    rows = [tally(one, block) for block, one in zip(blocks, told, strict=True)]
    return float(100 * sum(row["knn_10"] for row in rows) / sum(row["tested"] for row in rows))
