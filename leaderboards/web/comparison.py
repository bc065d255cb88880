"""Two entries of one board against each other: paired differences, the ratio of times, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.record import Record
from harness.record.latency import ratio_of, wider_margin
from harness.stats import Difference, Ratio, SpeedVerdict, compare_ratios, paired_difference, ratio_between
from leaderboards.boards.columns import Column
from leaderboards.boards.names import plain
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.web import folder
from leaderboards.web.charts.difference import Gap, Lane, gap, lane
from leaderboards.web.numbers import p_shown

LEVEL = 0.05
_MEMORY = "memory_peak_mb"


@dataclass(frozen=True)
class Score:
    """One metric of both: a - b, what may be said of it, and the picture of it."""

    column: Column
    difference: Difference
    words: str
    picture: Gap


@dataclass(frozen=True)
class Time:
    """Time of a over time of b, and what may be said of it."""

    ratio: Ratio
    verdict: SpeedVerdict
    words: str
    picture: Lane


@dataclass(frozen=True)
class Comparison:
    """``notes`` say what could not be compared, and why."""

    scores: tuple[Score, ...]
    time: Time | None
    memory: str
    notes: tuple[str, ...]


def compare(spec: BoardSpec, a: Record, b: Record, a_folder: Path, b_folder: Path) -> Comparison:
    """Compare two records of the same board."""
    names = plain(a.submission.name), plain(b.submission.name)
    if names[0] == names[1]:
        names = f"{names[0]} ({a.id[:6]})", f"{names[1]} ({b.id[:6]})"
    scores = tuple(_scores(spec, (a, b), (a_folder, b_folder), names))
    time = _time(spec, (a, b), names)
    notes = []
    if all(score.column.name != spec.metric.name for score in scores):
        notes.append(
            f"No paired test of {spec.metric.title}: one of them has no replicates from the same resamples."
        )
    if time is None:
        notes.append("No comparison of times: one of them has no ratio to the reference.")
    return Comparison(scores, time, _memory((a, b), names), tuple(notes))


def apart(a: Record, b: Record) -> tuple[str, ...]:
    """What keeps two records from sharing a board, in words; empty where nothing does."""
    mine, theirs = BoardKey.of(a), BoardKey.of(b)
    told = {"task": "task", "version": "task version", "data": "data", "variant": "variant of the data",
            "sha256": "bytes of the data", "profile": "profile", "scenario": "scenario"}  # fmt: skip
    pairs = [(name, getattr(mine, field), getattr(theirs, field)) for field, name in told.items()]
    return tuple(
        f"{name}: {plain(str(left), 24)} and {plain(str(right), 24)}"
        for name, left, right in pairs
        if left != right
    )


def _scores(
    spec: BoardSpec, records: tuple[Record, Record], folders: tuple[Path, Path], names: tuple[str, str]
) -> Iterator[Score]:
    a, b = (folder.replicates(path) for path in folders)
    for column in spec.columns:
        if column.name not in a or column.name not in b:
            continue
        mine, theirs = a[column.name], b[column.name]
        values = [_value(record, column.name) for record in records]
        if values[0] is None or values[1] is None or mine.clusters != theirs.clusters:
            continue
        if mine.draws.shape != theirs.draws.shape:
            continue
        found = paired_difference(mine.draws, theirs.draws, values[0], values[1], mine.clusters)
        draws = np.asarray(mine.draws, np.float64) - np.asarray(theirs.draws, np.float64)
        picture = gap(found, draws[np.isfinite(draws)], less_is_better=column.goal == "min")
        yield Score(column, found, _score_words(column, found, names), picture)


def _score_words(column: Column, found: Difference, names: tuple[str, str]) -> str:
    if found.value == 0:
        return f"Both have the same {column.title}."
    a_ahead = (found.value > 0) == (column.goal == "max")
    better, other = names if a_ahead else names[::-1]
    amount = column.shown(abs(found.value))
    ends = [] if found.low is None or found.high is None else sorted(
        end if found.value > 0 else -end for end in (found.low, found.high)
    )  # fmt: skip
    bounds = f" [{', '.join(_signed(column, end) for end in ends)}]" if ends else ""
    told = (
        "A paired test tells them apart" if found.p_value < LEVEL else "A paired test cannot tell them apart"
    )
    return (
        f"{better} is {amount}{bounds} ahead of {other} in {column.title}. {told} ({p_shown(found.p_value)})."
    )


def _signed(column: Column, value: float) -> str:
    return column.shown(value).replace("-", "−")


def _time(spec: BoardSpec, records: tuple[Record, Record], names: tuple[str, str]) -> Time | None:
    a, b = map(ratio_of, records)
    if a is None or b is None:
        return None
    ratio = ratio_between(a, b)
    margin = wider_margin(*records, spec.prize.margin)
    found = compare_ratios(a, b, margin)
    bounds = "" if ratio.low is None or ratio.high is None else f" [{ratio.low:.3g}, {ratio.high:.3g}]"
    told = {
        "faster": f"{names[0]} is faster",
        "slower": f"{names[1]} is faster",
        "no difference": f"no difference beyond the margin of {margin:.1%}",
        "unknown": "one process says nothing of how far this holds",
    }[found]
    return Time(
        ratio,
        found,
        f"{names[0]} takes {ratio.value:.3g}{bounds} × the time of {names[1]}: {told}.",
        lane(ratio, margin),
    )


def _memory(records: tuple[Record, Record], names: tuple[str, str]) -> str:
    a, b = (_value(record, _MEMORY) for record in records)
    if not a or not b:
        return ""
    least, other = names if a <= b else names[::-1]
    share = 1 - min(a, b) / max(a, b)
    if share < 0.005:
        return f"Both peak at {a:,.0f} MB."
    return f"{least} peaks at {min(a, b):,.0f} MB, {share:.0%} below the {max(a, b):,.0f} MB of {other}."


def _value(record: Record, name: str) -> float | None:
    measure = record.metrics.get(name)
    return measure.value if measure else None
