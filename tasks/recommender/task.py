"""Train Wide & Deep on clicks as fast as the data allows, honestly counted.

After NVIDIA's and TensorFlow's benchmark of recommender input pipelines (TF 2.7) and Cheng et al., "Wide &
Deep Learning for Recommender Systems" (2016). ``build`` trains; the clock is the harness's; what was trained
on shows in canaries, ids of single rows that only a model that has learnt from the row can know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from datasets.clicks import clicks
from harness.interactions import Training
from harness.spec import (
    Answer,
    Execution,
    FromAnswers,
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
from tasks.metrics import ranking
from tasks.recommender import outcome, rows

if TYPE_CHECKING:
    from harness.spec import Arrays


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures of the rows that were judged worst."""
    from tasks.recommender.examples import draw

    return draw(queries, answers)


MARGIN = 0.03
"""Trainings whose times differ by less than 3 % count as equally fast."""
SUBMISSION_MB = 0.25
"""Room for code and a lock file of packages, and for no table of trained weights."""
METRICS = (
    Metric(
        "time_to_quality_ratio",
        "×",
        "min",
        "to quality",
        FromRun(outcome.time_to_quality_ratio),
        "time_to_quality_s over the time of an epoch at the pace of the reference's training beside it",
        margin=MARGIN,
    ),
    Metric(
        "rows_ratio",
        "×",
        "max",
        "rows",
        FromRun(outcome.rows_ratio),
        "rows_per_s over the rows a second of the reference's training beside it",
        margin=MARGIN,
    ),
    Metric(
        "time_to_quality_s",
        "s",
        "min",
        "seconds",
        FromRun(outcome.time_to_quality_s),
        "seconds from import to the last answer of a model that passes the gate, without answering",
    ),
    Metric(
        "rows_per_s",
        "rows/s",
        "max",
        "rows/s",
        FromRun(outcome.rows_per_s),
        "training rows over all seconds from import to the last answer, without answering",
    ),
    Metric(
        "auc",
        "",
        "max",
        "AUC",
        FromAnswers(rows.auc, ranking.binned_auc),
        "of hidden rows",
        digits=4,
    ),
    Metric(
        "checkpoint_s",
        "s",
        "min",
        "checkpoint",
        FromRun(outcome.checkpoint_s),
        "until a first checkpoint passes the gate; ranks nothing",
    ),
    Metric("log_loss", "", "min", "log-loss", FromSums(ranking.mean_loss), "of hidden rows", digits=4),
    Metric(
        "best_auc", "", "max", "best AUC", FromRun(outcome.best_auc), "of the planted probabilities", digits=4
    ),
    Metric(
        "coverage",
        "",
        "max",
        "coverage",
        FromRun(outcome.coverage_of),
        "share of the data learnt from",
    ),
    Metric(
        "prepare_s", "s", "min", "prepare", FromRun(outcome.prepare_s), "converting the data before training"
    ),
    Metric("prepared_mb", "MB", "min", "prepared", FromRun(outcome.prepared_mb), "what prepare left on disk"),
    Metric("bytes_a_row", "B", "min", "bytes/row", FromRun(outcome.bytes_a_row), "of what training reads"),
    Metric(
        "cached",
        "",
        "max",
        "cached",
        FromRun(outcome.cached),
        "share of the data in the page cache: 1 is all of it",
    ),
    Metric(
        "disk_mb_per_s",
        "MB/s",
        "max",
        "disk",
        FromRun(outcome.disk_mb_per_s),
        "only of data larger than memory",
    ),
    Metric(
        "answered_rows_per_s",
        "rows/s",
        "max",
        "answers",
        FromRun(outcome.answered_rows_per_s),
        "rows answered in blocks",
    ),
    Metric(
        "single_p50_ms",
        "ms",
        "min",
        "1 row p50",
        FromRun(outcome.single_p50_ms),
        "bound on the median of single rows",
    ),
    Metric(
        "single_p99_ms",
        "ms",
        "min",
        "1 row p99",
        FromRun(outcome.single_p99_ms),
        "bound on the 99th percentile of single rows",
    ),
)

task = Task(
    name="recommender",
    version=3,
    title="Recommender throughput",
    description=(
        "Train a click model in build(context) from context.public: train.parquet, or train.tfrecord with "
        "one record a row; schema.json has the columns. One epoch over all rows; prepare(context) may "
        "convert them first. Then give click probabilities (n,) for rows x['numerical'] (n, k) and "
        "x['categorical'] (n, places). In each run ids have other names, columns of a kind other "
        "places, rows another order."
    ),
    dataset=clicks,
    queries=rows.queries,
    answer=Answer(rows.check),
    quality=Quality(metrics=METRICS, tally=rows.tally, faults=outcome.faults),
    interaction=Training(shared=False, probe=rows.probe, pace=outcome.PACE),
    execution=Execution(
        reference="one_thread",
        limits=Limits(
            build_s=900, query_s=20, run_s=1200, memory_mb=4096, disk_mb=4096, submission_mb=SUBMISSION_MB
        ),
        processes=ProcessCounts(ranked=5, quick=1, rounds=1),
        profiles=("cpu", "gpu"),
        params={
            "answer": "float32 (n,) in [0, 1]",
            "batch": outcome.BATCH,
            "embedding": 8,
            "embedding_reach": 0.01,
            "hidden": [64, 32],
            "optimizer": "Adagrad, accumulators from 0, epsilon 1e-14 under the root",
            "learning_rate": 0.03,
        },
    ),
    reporting=Reporting(examples=examples, memory_timeline=False),
)
