"""What a contestant needs to know of a task, as pairs of a name and a sentence: for terminal and pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from inspect import getdoc

from harness.spec import Task
from leaderboards.boards.columns import Column
from leaderboards.boards.spec import BoardSpec

Facts = Iterator[tuple[str, str]]


def meaning(spec: BoardSpec, column: Column) -> str:
    """Say what a metric means, and of the one that ranks also which value it must reach."""
    if column != spec.metric:
        return column.description
    most = "at least" if column.goal == "max" else "at most"
    gate = f" and must be {most} {spec.gate:g}" if spec.gate is not None else ""
    return f"ranks the board{gate}: {column.description}".removesuffix(": ")


def run_facts(task: Task) -> Facts:
    """Say how the task is run."""
    execution, interaction = task.execution, task.interaction
    first_line = (getdoc(type(interaction)) or "").partition("\n")[0]
    yield "interaction", first_line.replace("`", "")
    if interaction.ordered:
        yield "order", "The queries of a cluster come in order, so a model may keep state."
    counts = execution.processes
    quick = f" ({counts.quick} with --quick)" if counts.quick != counts.ranked else ""
    shared = "The queries are divided among them." if interaction.shared else "Each answers every query."
    if counts.ranked == 1:
        yield "processes", "1 fresh process"
    else:
        yield "processes", f"{counts.ranked} fresh processes{quick}. {shared}"
    yield "scenario", execution.scenario.replace("_", " ")
    yield "reference", f"{execution.reference}: every submission is timed in turns with it."
    for name, value in execution.params.items():
        yield f"params.{name}", json.dumps(value, ensure_ascii=False)


def limit_facts(task: Task) -> Facts:
    """Say what a submission may use."""
    limits = task.execution.limits
    yield "time", f"build {limits.build_s:,g} s, query {limits.query_s:,g} s, whole run {limits.run_s:,g} s"
    yield "memory", f"{limits.memory_mb:,} MB; {limits.processes} processes"
    yield "disk", f"{limits.disk_mb:,} MB; submitted files {limits.submission_mb:,} MB"
    own = limits.environments
    if own.allowed:
        yield "own packages", f"{own.most_packages}, {own.most_mb:,} MB in all, from {', '.join(own.sources)}"
    else:
        yield "own packages", "none"
    yield "arrays", f"query {limits.query_mb:,} MB, answer {limits.answer_mb:,} MB"
