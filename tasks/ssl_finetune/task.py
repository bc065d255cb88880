"""The fine-tune division of task ssl: ten labels a class are given, and the model names classes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.images import images
from harness.interactions import Training
from harness.spec import (
    Answer,
    FromRun,
    FromSums,
    Metric,
    ProcessCounts,
    ProcessOutcome,
    Quality,
    Query,
    Reporting,
    RunOutcome,
    Task,
)
from tasks.metrics import embedding
from tasks.ssl import blocks, outcome
from tasks.ssl.task import EXECUTION, PARAMETERS, TRAINED

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Json, Prepared

LABELS = 10
training_rate, answer_rate = TRAINED


def params_per_process(asked: Sequence[Query], number: int) -> Mapping[str, Json]:
    """Return the labels given to process ``number``: a draw of its own, unknown to other processes."""
    truths = [query.truth for query in asked]
    places, labels = blocks.gathered(truths, [block.place[:, None] for block in truths], blocks.POOL)
    drawn = embedding.label_draw(labels, LABELS, np.random.default_rng([truths[0].secret, number, LABELS]))
    return {"labelled": places[drawn, 0].tolist(), "labels": labels[drawn].tolist()}


def tally(answer: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """How many test pictures of a block were named right, and how many there are."""
    hidden = truth.kind == blocks.TEST
    right = named(truth, answer) == truth.labels[hidden]
    return {"right": float(right.sum()), "tested": float(hidden.sum())}


def named(truth: Any, answer: Arrays) -> Array:
    """Return the class with the largest score for each test picture of a block: (tested,)."""
    assert isinstance(answer, Mapping)
    return np.asarray(answer["scores"][truth.kind == blocks.TEST].argmax(axis=1))


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return sheets of the test pictures that the model misreads."""
    from tasks.ssl.examples import draw

    return draw(queries, answers, lambda query, answer: named(query.truth, answer))


def accuracy(sums: Mapping[str, Array]) -> Array:
    """Accuracy in per cent."""
    return np.asarray(100 * sums["right"] / np.maximum(sums["tested"], 1))


def draw_sd(run: RunOutcome) -> float | None:
    """Standard deviation of accuracy over the draws of labels (and seeds), in points."""
    if len(run.processes) < 2:
        return None
    return stdev(_accuracy(run.queries, process) for process in run.processes)


def _accuracy(asked: Sequence[Query], process: ProcessOutcome) -> float:
    rows = [tally(answer, asked[index].truth) for index, answer in process.answers.items()]
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
    answer=Answer(blocks.check_scores),
    quality=Quality(
        metrics=(
            Metric(
                "accuracy",
                "%",
                "max",
                "accuracy",
                FromSums(accuracy),
                "of the class named",
                digits=1,
                bounds=(0, 100),
                margin=1.0,
            ),
            Metric(
                "draw_sd",
                "%",
                "min",
                "draws",
                FromRun(draw_sd),
                "deviation of accuracy over label draws",
                digits=1,
            ),
            training_rate,
            replace(answer_rate, title="answered"),
            PARAMETERS,
        ),
        tally=tally,
        faults=outcome.faults,
    ),
    interaction=Training(shared=False, params_per_process=params_per_process),
    execution=replace(EXECUTION, reference="ridge", processes=ProcessCounts(ranked=5, quick=2, rounds=1)),
    reporting=Reporting(examples=examples, memory_timeline=False),
)
