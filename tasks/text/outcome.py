"""What a training was worth, from outside: examples a second over the fixed training, and skew of features.

Every entry is credited with the fixed number of passes over all rows, whatever it does: examples a second
rank the seconds of training alone, beside the reference's pace. The median step of a pipelined loop says
little.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Figures, Interval, Pace, ProcessOutcome, Query, RunOutcome
from harness.stats import percentile_bound
from tasks.metrics.pace import inverse, pace_ratio
from tasks.text.strings import ODD, PROBES, SERVING, TRAINING, accuracy, tally

if TYPE_CHECKING:
    from harness.spec import Array

EPOCHS = 5
BATCH = 256
PACE = Pace(batches=10)
"""The reference's pace: each piece of its training is one over so many batches."""
GATES = {"docstrings": 0.72, "imdb": 0.85}
"""The least accuracy by variant: ``in_model``'s 0.748 less four standard errors (0.007); the article's."""
_CLOSE = 1e-4
"""Features that differ by less, relative to the largest of them, are the same up to rounding."""


def examples_per_s(run: RunOutcome) -> float:
    """Rows times passes over the median seconds of training."""
    from datasets.texts import layout

    return EPOCHS * layout.rows(run.prepared.public) / _trained_s(run)


def examples_ratio(run: RunOutcome) -> Interval | None:
    """Examples a second over those of the reference at its pace."""
    from datasets.texts import layout

    share = PACE.batches * BATCH / layout.rows(run.prepared.public)
    return inverse(pace_ratio(run, lambda process: trained_s(run.queries, process), share))


def epoch_s(run: RunOutcome) -> float:
    """Median seconds of training over the number of passes."""
    return _trained_s(run) / EPOCHS


def _trained_s(run: RunOutcome) -> float:
    return median(trained_s(run.queries, process) for process in run.processes)


def trained_s(queries: Sequence[Query], process: ProcessOutcome) -> float:
    """Seconds of training, from import to the last answer: none can be moved to where it is not counted.

    Blocks and single strings are alike among themselves; odd strings and features are few and count whole.
    """
    kinds = {"single": "single", "odd": "", "features": ""}
    return process.training_s(lambda index: kinds.get(queries[index].cluster, "block"))


def single_p50_ms(run: RunOutcome) -> float | None:
    """A bound on the median of the milliseconds of a single string."""
    return percentile_bound(_singles_ms(run), 0.5)


def single_p99_ms(run: RunOutcome) -> float | None:
    """A bound on the 99th percentile of the milliseconds of a single string."""
    return percentile_bound(_singles_ms(run), 0.99)


def _singles_ms(run: RunOutcome) -> Array:
    return np.array(
        [
            seconds * 1e3
            for process in run.processes
            for index, seconds in process.asked
            if run.queries[index].cluster == "single"
        ]
    )


def skew(run: RunOutcome) -> float | None:
    """Share of the probed strings whose features differ between training and serving."""
    shares = [len(differing(run, process)) / _probed() for process in run.processes]
    return fmean(shares) if shares else None


def differing(run: RunOutcome, process: ProcessOutcome) -> list[str]:
    """Name the probed strings whose features differ between the two paths; all where the widths differ."""
    paths = {run.queries[index].truth.ask: np.asarray(answer) for index, answer in process.answers.items()}
    training, serving = paths.get(TRAINING), paths.get(SERVING)
    names = [f"training string {number + 1}" for number in range(_probed() - len(ODD))] + list(ODD)
    if training is None or serving is None or training.shape != serving.shape:
        return names
    largest = max(float(np.abs(training).max(initial=0)), float(np.abs(serving).max(initial=0)), 1e-30)
    apart = (np.abs(training - serving) > _CLOSE * largest).any(axis=1)
    return [name for name, differs in zip(names, apart, strict=True) if differs]


def _probed() -> int:
    return PROBES + len(ODD)


def faults(run: RunOutcome, _: Figures) -> Sequence[str]:
    """Name a model below the gate, and features that differ between training and serving."""
    said, gate = [], GATES[run.prepared.variant]
    for process in run.processes:
        rows = [tally(answer, run.queries[index].truth) for index, answer in process.answers.items()]
        sums = {name: np.array([sum(float(row[name]) for row in rows)]) for name in ("right", "strings")}
        reached = float(accuracy(sums)[0])
        if not reached >= gate:
            said.append(f"accuracy {reached:.4f} misses the gate, {gate}")
        if names := differing(run, process):
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            said.append(
                f"skew: the features of '{names[0]}'{more} of {_probed()} strings differ between training "
                "and serving"
            )
    return tuple(dict.fromkeys(said))
