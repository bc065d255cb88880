"""Every picture of one evaluation, and the logs of other programs: the files beside its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.figures import measurement, training
from harness.measurement.run_plan import RunPlan
from harness.measurement.run_result import RunResult
from harness.record.series import lessons_csv
from harness.record.units import UnitRows
from harness.scoring.conditions import figures_of
from harness.scoring.scores import Scores
from harness.spec import Query, RunOutcome, Task

WORST = 12
"""How many of the units that an entry got worst are drawn for its page."""


def evaluation_files(run_plan: RunPlan, result: RunResult, scores: Scores) -> dict[str, bytes]:
    """Return files by relative path: plots, examples of answers, and what the diagnostics left.

    ``scores`` are those of the public split; a task's own figures are drawn only where it has any.
    """
    name, reporting, queries = run_plan.submission.name, run_plan.task.reporting, run_plan.queries
    answers, figures = result.first_answers, figures_of(scores.metrics)
    timings = [timing for pair in result.complete for timing in pair.timings]
    plots = dict(measurement.draw(timings, result.diagnostics.samples, name))
    plots |= training.draw([pair.host.log for pair in result.process_pairs], name)
    if reporting.figures and figures:
        plots |= reporting.figures([queries[index] for index in answers], list(answers.values()), figures)
    lessons = [pair.taught for pair in result.complete]
    images = dict(examples(run_plan.task, queries, scores))
    if reporting.pictures and result.complete:
        outcomes = [pair.outcome for pair in result.complete]
        images |= reporting.pictures(RunOutcome(run_plan.setup.prepared, queries, outcomes))
    return {
        **result.diagnostics.files,
        **({"lessons.csv": lessons_csv([query.id for query in queries], lessons)} if any(lessons) else {}),
        **{f"plots/{file}": data for file, data in plots.items()},
        **{f"images/{file}": data for file, data in images.items()},
    }


def examples(task: Task, queries: Sequence[Query], scores: Scores) -> Mapping[str, bytes]:
    """Draw what the entry's page may show of scored, public units: those that the task picks, and the worst.

    Raises what the task's own drawing raises.
    """
    public = [index for index in scores.judged if queries[index].split == "public"]
    draw = task.reporting.examples
    if draw is None or not public:
        return {}
    pictures = dict(draw([queries[index] for index in public], [scores.judged[index] for index in public]))
    for index in worst_units(task, scores):
        pictures |= draw([queries[index]], [scores.judged[index]])
    return pictures


def worst_units(task: Task, scores: Scores) -> list[int]:
    """Return the numbers of the queries with the worst values, at most ``WORST``, the worst first."""
    rows = UnitRows(np.array(scores.ids), np.array(scores.clusters), scores.table)
    asked = list(scores.judged)
    return [asked[number] for number in rows.worst(task)[:WORST]]
