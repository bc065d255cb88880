"""What a training was worth, from outside: time to quality, rows a second, and how much data it was.

Coverage is 2 s - 1 for the share s of canary pairs in the right order (``datasets/clicks/canaries.py``),
its interval Wilson's (1927). A record whose interval lies below 95 % is invalid.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Figures, Interval, Pace, Prepared, ProcessOutcome, Query, RunOutcome
from harness.stats import percentile_bound
from tasks.metrics.pace import inverse, pace_ratio
from tasks.recommender.gate import GATES, Gate, Quality

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

BATCH = 4096
PACE = Pace(batches=6)
"""The reference's pace: each piece of its training reads and learns from so many batches."""
LEAST_COVERAGE = 0.95
_Z = 1.959964


def time_to_quality_s(run: RunOutcome) -> float | None:
    """Median seconds of training to a model that passes the gate; None where a process's does not.

    The model that is judged answers everything, also the canaries: a checkpoint ends no clock.
    """
    gate = GATES[run.prepared.variant]
    passed = all(gate.passes(quality(run.queries, process.answers)) for process in run.processes)
    return _trained_s(run) if passed else None


def time_to_quality_ratio(run: RunOutcome) -> Interval | None:
    """The time to quality over that of an epoch at the pace; None where a process misses the gate."""
    return _pace_ratio(run) if time_to_quality_s(run) is not None else None


def rows_ratio(run: RunOutcome) -> Interval | None:
    """Rows a second of the training over those of the reference at its pace."""
    return inverse(_pace_ratio(run))


def _pace_ratio(run: RunOutcome) -> Interval | None:
    share = PACE.batches * BATCH / rows_of(run.prepared)
    return pace_ratio(run, lambda process: trained_s(run.queries, process), share)


def checkpoint_s(run: RunOutcome) -> float | None:
    """Median seconds until a checkpoint, or else the end, passed the gate; None where a process never did."""
    gate = GATES[run.prepared.variant]
    times = [to_checkpoint(run.queries, process, gate) for process in run.processes]
    reached = [time for time in times if time is not None]
    return median(reached) if len(reached) == len(times) else None


def rows_per_s(run: RunOutcome) -> float:
    """Rows of the data over the median seconds of training."""
    return rows_of(run.prepared) / _trained_s(run)


def best_auc(run: RunOutcome) -> float | None:
    """The AUC of the planted probabilities; None where they are unknown."""
    return quality(run.queries, run.processes[0].answers).best_auc


def prepare_s(run: RunOutcome) -> float:
    """Median seconds of the phase ``prepare``."""
    return median(process.seconds["prepare"] for process in run.processes)


def prepared_mb(run: RunOutcome) -> float:
    """Median size of what ``prepare`` left on disk, in 10**6 bytes."""
    return median(process.training.prepared_mb for process in run.processes)


def coverage_of(run: RunOutcome) -> Interval | None:
    """Coverage of the canary pairs of all processes together."""
    return coverage(np.concatenate([pair_scores(run.queries, one.answers) for one in run.processes]))


def rows_of(prepared: Prepared) -> int:
    """How many rows there are to train on."""
    return int(json.loads((prepared.public / "schema.json").read_text())["rows"])


def faults(run: RunOutcome, figures: Figures) -> Sequence[str]:
    """Say what makes the record invalid."""
    return tuple(_faults(run, figures))


def _faults(run: RunOutcome, figures: Figures) -> Iterator[str]:
    gate = GATES[run.prepared.variant]
    value, low, high = figures["coverage"]
    if value is not None and low is not None and high is not None and high < LEAST_COVERAGE:
        yield (
            f"coverage {value:.0%} [{low:.0%}, {high:.0%}]: an epoch is all of the data, "
            f"at least {LEAST_COVERAGE:.0%} must show in the model"
        )
    reached = [quality(run.queries, process.answers) for process in run.processes]
    yield from (gate.missed(one) for one in reached if not gate.passes(one))
    answered, trained = figures["answered_rows_per_s"][0], figures["rows_per_s"][0]
    if answered and trained and answered < trained:
        yield f"answers {answered:,.0f} rows/s but trains {trained:,.0f}: the slower may learn meanwhile"


def _trained_s(run: RunOutcome) -> float:
    return median(trained_s(run.queries, process) for process in run.processes)


def trained_s(queries: Sequence[Query], process: ProcessOutcome) -> float:
    """Seconds of training, from import to the last answer: none can be moved to where it is not counted."""
    return process.training_s(lambda index: f"{len(queries[index].truth.label)} rows")


def pair_scores(queries: Sequence[Query], answers: Mapping[int, Arrays]) -> Array:
    """1 for every canary pair in the right order, 0 for one in the wrong, one half for a tie (pairs,)."""
    pair, side, label, score, _ = _rows(queries, answers, canaries=True)
    if not len(pair):
        return np.zeros(0)
    order = np.lexsort((side, pair))
    margin = np.diff(score[order].astype(np.float64).reshape(-1, 2), axis=1)[:, 0]
    signed = np.sign(margin) * np.where(label[order][::2] > 0, 1, -1)
    right: Array = (signed + 1) / 2
    return right


def _rows(
    queries: Sequence[Query], answers: Mapping[int, Arrays], canaries: bool
) -> tuple[Array, Array, Array, Array, Array]:
    """Pair, side, label, score and true chance of the rows that are canaries', or of those that are not."""
    none = np.zeros(0)
    parts: list[tuple[Any, ...]] = [(none,) * 5]
    for index, answer in answers.items():
        truth = queries[index].truth
        rows = truth.scored != canaries
        known = (truth.pair, truth.side, truth.label, np.asarray(answer), truth.chance)
        parts.append(tuple(values[rows] for values in known))
    pair, side, label, score, chance = (np.concatenate(part) for part in zip(*parts, strict=True))
    return pair, side, label, score, chance


def coverage(right: Array) -> tuple[float, float, float] | None:
    """Share of the data that was learnt from, with its 95 % interval; None without canaries."""
    n = len(right)
    if not n:
        return None
    share = float(right.mean())
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return tuple(min(1.0, max(0.0, 2 * value - 1)) for value in (share, middle - reach, middle + reach))  # type: ignore[return-value]


def quality(queries: Sequence[Query], answers: Mapping[int, Arrays]) -> Quality:
    """How good the answers to rows that count are."""
    _, _, label, score, chance = _rows(queries, answers, canaries=False)
    return Quality.of(label, score, chance)


def to_checkpoint(queries: Sequence[Query], process: ProcessOutcome, gate: Gate) -> float | None:
    """Seconds of training until the first checkpoint, or else the end, that passes the gate."""
    for checkpoint in process.training.checkpoints:
        if gate.passes(quality(queries, checkpoint.answers)):
            return process.reached_s(checkpoint)
    return trained_s(queries, process) if gate.passes(quality(queries, process.answers)) else None


def bytes_read(run: RunOutcome) -> float:
    """Bytes of what was prepared, or else of the smallest form that lies ready."""
    prepared = prepared_mb(run) * 1e6
    return prepared or (run.prepared.public / "train.parquet").stat().st_size


def bytes_a_row(run: RunOutcome) -> float:
    """Bytes that training reads a row."""
    return bytes_read(run) / rows_of(run.prepared)


def cached(run: RunOutcome) -> float | None:
    """The least share of the data that lay in the page cache; None where the system does not tell."""
    known = [process.training.cached_share for process in run.processes]
    return min((share for share in known if share is not None), default=None)


def disk_mb_per_s(run: RunOutcome) -> float | None:
    """What the disk gave; None where the data fit into memory and may never have been read from it."""
    size = bytes_read(run)
    return size / 1e6 / _trained_s(run) if size > memory_bytes() else None


def memory_bytes() -> int:
    """Memory of this machine, all of which may become page cache."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def answered_rows_per_s(run: RunOutcome) -> float | None:
    """Rows a second in blocks, by the median block."""
    blocks = [count / seconds for count, seconds in _timed(run) if count > 1]
    return median(blocks) if blocks else None


def single_p50_ms(run: RunOutcome) -> float | None:
    """A bound on the median milliseconds of a single row."""
    return percentile_bound(_singles_ms(run), 0.5)


def single_p99_ms(run: RunOutcome) -> float | None:
    """A bound on the 99th percentile of the milliseconds of a single row."""
    return percentile_bound(_singles_ms(run), 0.99)


def _singles_ms(run: RunOutcome) -> Array:
    return np.array([seconds * 1e3 for count, seconds in _timed(run) if count == 1])


def _timed(run: RunOutcome) -> Iterator[tuple[int, float]]:
    """Rows and seconds of every timed query."""
    for process in run.processes:
        for index, seconds in process.asked:
            yield len(run.queries[index].truth.label), seconds
