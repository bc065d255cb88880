"""The fine-tune division of task ssl: ten labels a class are told, and the model names classes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.images import images
from harness.spec import Conclusion, Limits, Metric, Outcome, Prepared, ProcessCounts, Query, Task, Training
from tasks.metrics import embedding
from tasks.ssl import blocks, scoring

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Json

LABELS = 10


def params_per_process(asked: Sequence[Query], number: int) -> Mapping[str, Json]:
    """The labels that process ``number`` is told: a draw of its own. No process learns another's."""
    held = [query.truth for query in asked]
    places, labels = blocks.gathered(held, [block.place[:, None] for block in held], blocks.POOL)
    drawn = embedding.label_draw(labels, LABELS, np.random.default_rng([held[0].secret, number, LABELS]))
    return {"labelled": places[drawn, 0].tolist(), "labels": labels[drawn].tolist()}


def tally(answer: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """How many test pictures of a block were named right, and how many there are."""
    assert isinstance(answer, Mapping)
    hidden = truth.kind == blocks.TEST
    right = answer["scores"][hidden].argmax(axis=1) == truth.labels[hidden]
    return {"right": float(right.sum()), "tested": float(hidden.sum())}


def aggregate(sums: Mapping[str, Array]) -> Mapping[str, Array]:
    """Accuracy in per cent."""
    return {"accuracy": 100 * sums["right"] / np.maximum(sums["tested"], 1)}


def conclude(prepared: Prepared, asked: Sequence[Query], outcomes: Sequence[Outcome]) -> Conclusion:
    """Speed of training and answering, and how far draws of labels (and seeds) differ."""
    held = [query.truth for query in asked]
    figures = scoring.medians([dict(scoring.speeds(held, outcome)) for outcome in outcomes])
    if len(outcomes) > 1:
        figures["draw_sd"] = stdev(_accuracy(asked, outcome) for outcome in outcomes)
    return scoring.concluded(prepared, outcomes, figures)


def _accuracy(asked: Sequence[Query], outcome: Outcome) -> float:
    rows = [tally(answer, asked[index].truth) for index, answer in outcome.answers.items()]
    return 100 * fmean(float(row["right"]) for row in rows) / fmean(float(row["tested"]) for row in rows)


def queries(prepared: Prepared) -> Sequence[Query]:
    """The blocks of task ssl without its gate: there are no checkpoints to judge."""
    return [query for query in blocks.queries(prepared) if not query.truth.is_gate]


task = Task(
    name="ssl_finetune",
    version=1,
    title="Self-supervised pictures, fine-tuned",
    description=(
        "Train in build(context) on public/pool.npz within the steps of public/about.json, with ten labels a "
        "class: context.params['labels'], of the pictures context.params['labelled']. model(images), uint8 "
        "(m, h, w, c), answers with class scores (m, 10)."
    ),
    dataset=images,
    queries=queries,
    check=blocks.check_scores,
    tally=tally,
    aggregate=aggregate,
    metrics=(
        Metric("accuracy", "%", "max", "accuracy", "of the class named, on hidden pictures", digits=1),
        Metric(
            "draw_sd", "%", "min", "draws", "deviation of accuracy over label draws", interval=False, digits=1
        ),
        Metric("training_rate", "1/s", "max", "trained", "pictures told a second of build", interval=False),
        Metric("answer_rate", "1/s", "max", "answered", "pictures a second", interval=False),
        Metric("parameters", "", "min", "parameters", "told by the entry", interval=False, digits=0),
    ),
    training=Training(probe=lambda _: (), conclude=conclude, params_per_process=params_per_process),
    reference="ridge",
    share=False,
    limits=Limits(
        build_s=14_400, query_s=120, run_s=18_000, memory_mb=6144, query_mb=32, answer_mb=32, submission_mb=64
    ),
    replicates=ProcessCounts(ranked=5, quick=2, rounds=1),
    profiles=("cpu", "gpu"),
    memory_timeline=False,
)
