"""The recommender's other closed board: the same question, ranked by rows a second over one epoch."""

from __future__ import annotations

from dataclasses import replace

from harness.spec import BoardOptions
from tasks.recommender.task import task as timed

task = replace(
    timed,
    name="recommender_throughput",
    title="Recommender throughput, rows a second",
    quality=replace(timed.quality, ranked="rows_ratio"),
    execution=replace(timed.execution, entries=timed.name),
    reporting=replace(timed.reporting, board=BoardOptions(columns=("coverage", "auc", "log_loss"))),
)
