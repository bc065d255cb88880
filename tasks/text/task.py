"""Train a text classifier from raw strings, counted from outside: how fast, how well, and served as trained.

After Keras's preprocessing layers (2022), inside the model or in the input pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from datasets.texts import texts
from harness.interactions import Training
from harness.spec import (
    Answer,
    BoardOptions,
    Execution,
    FromRun,
    FromSums,
    Limits,
    Metric,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    Task,
)
from tasks.text import outcome, strings

if TYPE_CHECKING:
    from harness.spec import Arrays


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures of the strings that were misread."""
    from tasks.text.examples import draw

    return draw(queries, answers)


METRICS = (
    Metric(
        "examples_ratio",
        "×",
        "max",
        "examples",
        FromRun(outcome.examples_ratio),
        "Examples a second over those of the reference's training just before and after.",
        margin=0.03,
    ),
    Metric(
        "examples_per_s",
        "1/s",
        "max",
        "examples/s",
        FromRun(outcome.examples_per_s),
        "Training examples of all passes, divided by the seconds until the model answers steadily.",
    ),
    Metric(
        "accuracy",
        "",
        "max",
        "accuracy",
        FromSums(strings.accuracy),
        "Share of the hidden strings that get their class; a record below the gate is invalid.",
        digits=4,
        bounds=(0, 1),
    ),
    Metric(
        "epoch_s",
        "s",
        "min",
        "epoch",
        FromRun(outcome.epoch_s),
        "Seconds of training, by wall time, divided by the number of passes.",
    ),
    Metric(
        "single_p50_ms",
        "ms",
        "min",
        "1 string p50",
        FromRun(outcome.single_p50_ms),
        "Bound on the median time of a single string.",
    ),
    Metric(
        "single_p99_ms",
        "ms",
        "min",
        "1 string p99",
        FromRun(outcome.single_p99_ms),
        "Bound on the 99th percentile of the time of a single string.",
    ),
    Metric(
        "skew",
        "share",
        "min",
        "skew",
        FromRun(outcome.skew),
        "Share of probed strings whose features differ between training and serving; above 0 is invalid.",
        bounds=(0, 1),
    ),
)

task = Task(
    name="text",
    version=3,
    title="Text preprocessing and training",
    description=(
        "Train a classifier of strings in build(context) from context.public: train.parquet has text, as "
        "bytes, and label; about.json has the classes. A query has x['texts'], bytes (n,), and x['ask']. For "
        "'labels' answer with scores (n, classes); the largest wins. For 'training features' and 'serving "
        "features' answer with what the network gets for these strings in training and in serving, (n, d)."
    ),
    dataset=texts,
    queries=strings.queries,
    answer=Answer(strings.check),
    quality=Quality(metrics=METRICS, tally=strings.tally, faults=outcome.faults),
    interaction=Training(shared=False, pace=outcome.PACE),
    execution=Execution(
        reference="tfidf_linear",
        limits=Limits(build_s=300, query_s=60, run_s=600, memory_mb=4096, query_mb=64, answer_mb=64),
        processes=ProcessCounts(ranked=5, quick=1, rounds=1),
        profiles=("cpu", "gpu"),
        params={
            "epochs": outcome.EPOCHS,
            "batch": outcome.BATCH,
            "vocabulary": 2500,
            "features": "multi-hot of the most frequent words, lower case, without punctuation; the first is "
            "for all others",
            "hidden": [16],
            "activation": "relu",
            "optimizer": "Adam",
            "learning_rate": 0.005,
        },
    ),
    reporting=Reporting(
        examples=examples, memory_timeline=False, board=BoardOptions(columns=("accuracy", "skew"))
    ),
)
