"""Every picture of one evaluation, and the logs of other programs: the files beside its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.figures import measurement, training
from harness.measurement.run_plan import RunPlan
from harness.measurement.run_result import RunResult
from harness.record.series import lessons_csv
from harness.spec import Figures, Query, RunOutcome, Task

if TYPE_CHECKING:
    from harness.spec import Arrays

WORST = 12
"""How many of the units that an entry got worst are drawn for its page."""


def evaluation_files(run_plan: RunPlan, result: RunResult, scored: Figures) -> dict[str, bytes]:
    """Return files by relative path: plots, examples of answers, and what the diagnostics left.

    ``scored`` holds the metrics computed from answers; a task's own figures are drawn only with them.
    """
    name, reporting, queries = run_plan.submission.name, run_plan.task.reporting, run_plan.queries
    answers = result.first_answers
    timings = [timing for pair in result.complete for timing in pair.timings]
    plots = dict(measurement.draw(timings, result.diagnostics.samples, name))
    plots |= training.draw([pair.host.log for pair in result.process_pairs], name)
    if reporting.figures and scored:
        plots |= reporting.figures([queries[index] for index in answers], list(answers.values()), scored)
    lessons = [pair.taught for pair in result.complete]
    images = dict(examples(run_plan.task, queries, answers))
    if reporting.pictures and result.complete:
        outcomes = [pair.outcome for pair in result.complete]
        images |= reporting.pictures(RunOutcome(run_plan.setup.prepared, queries, outcomes))
    return {
        **result.diagnostics.files,
        **({"lessons.csv": lessons_csv([query.id for query in queries], lessons)} if any(lessons) else {}),
        **{f"plots/{file}": data for file, data in plots.items()},
        **{f"images/{file}": data for file, data in images.items()},
    }


def examples(task: Task, queries: Sequence[Query], answers: Mapping[int, Arrays]) -> Mapping[str, bytes]:
    """Draw what the entry's page may show: public units only, those that the task picks and the worst."""
    public = sorted(index for index in answers if queries[index].split == "public")
    draw = task.reporting.examples
    if draw is None or not public:
        return {}
    pictures = dict(draw([queries[index] for index in public], [answers[index] for index in public]))
    for index in worst_units(task, queries, answers, public):
        pictures |= draw([queries[index]], [answers[index]])
    return pictures


def worst_units(
    task: Task, queries: Sequence[Query], answers: Mapping[int, Arrays], public: Sequence[int]
) -> list[int]:
    """Return the numbers of the public queries with the worst values, at most ``WORST``, the worst first."""
    metric = task.quality.of_one_unit
    if metric is None or task.quality.across is not None:
        return []
    tallies = [task.quality.tally(answers[index], queries[index].truth) for index in public]
    rows = {name: np.stack([np.asarray(tally[name]) for tally in tallies]) for name in tallies[0]}
    values = task.quality.unit_values(rows)
    assert values is not None
    order = np.argsort(values if metric.goal == "max" else -values, kind="stable")
    return [public[place] for place in order[:WORST] if np.isfinite(values[place])]
