"""Two records of one board compared: paired differences and the ratio of times, in words and as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.record import Record
from harness.record.latency import moved_between, moved_words, ratio_of, wider_margin
from harness.stats import Difference, Ratio, SpeedVerdict, paired_difference, ratio_between, verdict
from leaderboards.boards.columns import Column
from leaderboards.boards.names import plain
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.web import folder
from leaderboards.web.charts.difference import DifferencePlot, RatioPlot, difference_plot, ratio_plot
from leaderboards.web.numbers import p_shown

LEVEL = 0.05
_MEMORY = "memory_peak_mb"
_KEY_TITLES = {
    "task": "task",
    "version": "task version",
    "data": "data",
    "variant": "variant of the data",
    "sha256": "SHA-256 of the data",
    "profile": "profile",
    "scenario": "scenario",
    "hardware": "hardware class",
}


@dataclass(frozen=True)
class MetricComparison:
    """One metric of both records: a - b, what follows from it in words, and a picture of it."""

    column: Column
    difference: Difference
    words: str
    picture: DifferencePlot


@dataclass(frozen=True)
class LatencyComparison:
    """The time of a over the time of b, what follows from it in words, and a picture of it."""

    ratio: Ratio
    verdict: SpeedVerdict
    words: str
    picture: RatioPlot


@dataclass(frozen=True)
class Comparison:
    """Everything that is compared.

    ``notes`` say what could not be compared, and why; ``standing`` says why a record is not valid.
    """

    scores: tuple[MetricComparison, ...]
    time: LatencyComparison | None
    memory: str
    notes: tuple[str, ...]
    standing: tuple[str, ...]


@dataclass(frozen=True)
class _Side:
    """One of two records, with its folder and the name that tells it from the other."""

    record: Record
    folder: Path
    name: str

    def value(self, metric: str) -> float | None:
        measure = self.record.metrics.get(metric)
        return measure.value if measure else None


def compare(spec: BoardSpec, a: Record, b: Record, a_folder: Path, b_folder: Path) -> Comparison:
    """Compare two records of the same board."""
    names = plain(a.submission.name), plain(b.submission.name)
    if names[0] == names[1]:
        names = f"{names[0]} ({a.id[:6]})", f"{names[1]} ({b.id[:6]})"
    first, second = _Side(a, a_folder, names[0]), _Side(b, b_folder, names[1])
    scores = tuple(_scores(spec, first, second))
    time = _latency(spec, first, second)
    notes = []
    if all(score.column.name != spec.metric.name for score in scores):
        notes.append(
            f"There is no paired test of {spec.metric.title}: "
            "a record has no bootstrap draws, or they come from other resamples."
        )
    if time is None:
        notes.append("Times are not compared: a record has no time ratio to the reference.")
    standing = [
        f"{side.name} is {side.record.validity.state}: {plain('; '.join(side.record.validity.reasons), 400)}"
        for side in (first, second)
        if side.record.validity.state != "valid"
    ]
    return Comparison(scores, time, _memory(first, second), tuple(notes), tuple(standing))


def board_differences(a: Record, b: Record) -> tuple[str, ...]:
    """Name what keeps two records from sharing a board; empty where they share one."""
    first, second = BoardKey.of(a), BoardKey.of(b)
    pairs = [(title, getattr(first, name), getattr(second, name)) for name, title in _KEY_TITLES.items()]
    return tuple(
        f"{title}: {plain(str(left), 24)} and {plain(str(right), 24)}"
        for title, left, right in pairs
        if left != right
    )


def _scores(spec: BoardSpec, a: _Side, b: _Side) -> Iterator[MetricComparison]:
    a_draws, b_draws = folder.bootstrap_draws(a.folder), folder.bootstrap_draws(b.folder)
    for column in spec.columns:
        if column.name not in a_draws or column.name not in b_draws:
            continue
        first, second = a_draws[column.name], b_draws[column.name]
        values = a.value(column.name), b.value(column.name)
        comparable = first.clusters == second.clusters and first.draws.shape == second.draws.shape
        if values[0] is None or values[1] is None or not comparable:
            continue
        difference = paired_difference(
            first.draws, second.draws, values[0], values[1], first.clusters, bounds=column.range
        )
        draws = np.asarray(first.draws, np.float64) - np.asarray(second.draws, np.float64)
        plot = difference_plot(difference, draws[np.isfinite(draws)], less_is_better=column.goal == "min")
        yield MetricComparison(column, difference, _score_words(column, difference, a.name, b.name), plot)


def _score_words(column: Column, difference: Difference, a: str, b: str) -> str:
    if difference.value == 0:
        return f"Both have the same {column.title}."
    a_ahead = (difference.value > 0) == (column.goal == "max")
    better, other = (a, b) if a_ahead else (b, a)
    bounds = ""
    if difference.low is not None and difference.high is not None:
        sign = 1 if difference.value > 0 else -1
        ends = sorted(sign * end for end in (difference.low, difference.high))
        bounds = f" [{', '.join(column.shown(end).replace('-', '−') for end in ends)}]"
    apart = "tells" if difference.p_value < LEVEL else "cannot tell"
    return (
        f"{better} is {column.shown(abs(difference.value))}{bounds} ahead of {other} in {column.title}. "
        f"A paired test {apart} them apart ({p_shown(difference.p_value)})."
    )


def _latency(spec: BoardSpec, a: _Side, b: _Side) -> LatencyComparison | None:
    first, second = ratio_of(a.record), ratio_of(b.record)
    if first is None or second is None:
        return None
    moved = moved_between(a.record, b.record)
    ratio = ratio_between(first, second, moved=moved)
    margin = wider_margin(a.record, b.record, spec.prize.margin)
    judged = verdict(ratio, margin)
    bounds = "" if ratio.low is None or ratio.high is None else f" [{ratio.low:.3g}, {ratio.high:.3g}]"
    conclusion = {
        "faster": f"{a.name} is faster",
        "slower": f"{b.name} is faster",
        "no difference": f"no difference beyond the margin of {margin:.1%}",
        "unknown": "an interval needs at least two processes",
    }[judged]
    words = f"{a.name} takes {ratio.value:.3g}{bounds} × the time of {b.name}: {conclusion}."
    told = " ".join(filter(None, (words, moved_words(moved, margin, (a.name, b.name)))))
    return LatencyComparison(ratio, judged, told, ratio_plot(ratio, margin))


def _memory(a: _Side, b: _Side) -> str:
    first, second = a.value(_MEMORY), b.value(_MEMORY)
    if not first or not second:
        return ""
    least, most = min(first, second), max(first, second)
    leaner, other = (a, b) if first <= second else (b, a)
    share = 1 - least / most
    if share < 0.005:
        return f"Both peak at {first:,.0f} MB."
    return f"{leaner.name} peaks at {least:,.0f} MB, {share:.0%} below the {most:,.0f} MB of {other.name}."
