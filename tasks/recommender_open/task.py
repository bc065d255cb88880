"""The recommender's open division: any model, any optimiser, as many epochs as one likes; the same gate."""

from __future__ import annotations

from dataclasses import replace

from harness.spec import Limits
from tasks.recommender.task import task as closed

task = replace(
    closed,
    name="recommender_open",
    title="Recommender throughput, open division",
    description=f"{closed.description} The model in params is a suggestion: anything goes.",
    execution=replace(
        closed.execution,
        entries=closed.name,
        limits=replace(closed.execution.limits, submission_mb=Limits().submission_mb),
    ),
)
