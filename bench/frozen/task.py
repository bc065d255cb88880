"""A task whose reference does nothing but arithmetic, for benches of what a machine adds to its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from harness.interactions import Independent
from harness.spec import (
    Answer,
    DataRequest,
    Dataset,
    Execution,
    FromSums,
    Limits,
    Metric,
    Prepared,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    Task,
)

ROWS = 96


def prepare(request: DataRequest) -> Prepared:
    folder = request.cache / "rows"
    for name in ("public", "private"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return Prepared("rows", request.variant, "0" * 64, folder / "public", folder / "private")


def queries(_: Prepared) -> Sequence[Query]:
    rows = np.random.default_rng(0).permuted(np.tile(np.arange(8), (ROWS, 1)), axis=1)
    return [
        Query(f"q{i}", f"c{i // 4}", "public", partial(np.copy, rows[i]), int(rows[i].argmax()))
        for i in range(ROWS)
    ]


def tally(answer: Any, truth: int) -> Mapping[str, float]:
    return {"right": float(answer == truth), "asked": 1.0}


def accuracy(sums: Mapping[str, np.ndarray]) -> np.ndarray:
    return sums["right"] / sums["asked"]


task = Task(
    name="frozen",
    version=1,
    title="Name the largest of eight numbers, after some arithmetic",
    description="Only the time is of interest.",
    dataset=Dataset("rows", "shuffled digits", {"mini": f"{ROWS} rows"}, prepare),
    queries=queries,
    answer=Answer(lambda answer, _: answer),
    quality=Quality((Metric("accuracy", "share", "max", "accuracy", FromSums(accuracy)),), tally),
    interaction=Independent(),
    execution=Execution(
        reference="frozen",
        limits=Limits(build_s=5, query_s=1, run_s=30, memory_mb=400, processes=16, disk_mb=16),
        processes=ProcessCounts(ranked=4, quick=2, rounds=1),
        profiles=("edge",),
    ),
    reporting=Reporting(memory_timeline=False),
)
