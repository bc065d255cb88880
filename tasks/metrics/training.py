"""What a training was worth, from outside: time to quality, rows a second, and how much data it was.

Coverage is 2 s - 1 for the share s of canary pairs in the right order (``datasets/clicks/canaries.py``),
its interval Wilson's (1927). A record whose interval lies below 95 % is invalid.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Conclusion, Outcome, Prepared, Query
from harness.stats import percentile_bound
from tasks.metrics import ranking

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

GATES: Mapping[str, tuple[float, float]] = {
    "mini": (0.79, 0.53),
    "mini-2m": (0.79, 0.53),
    "adult": (0.90, 0.34),
    "criteo": (0.70, 0.52),
    "table": (0.5, 0.7),
}
"""Least AUC and most log-loss of a model that counts, by variant of the data."""
LEAST_COVERAGE = 0.95
_Z = 1.959964


def conclude(prepared: Prepared, queries: Sequence[Query], outcomes: Sequence[Outcome]) -> Conclusion:
    """Medians over the processes, coverage of all pairs together, and what makes the record invalid."""
    gate = GATES[prepared.variant]
    rows = json.loads((prepared.public / "schema.json").read_text())["rows"]
    pairs = np.concatenate([pair_scores(queries, outcome.answers) for outcome in outcomes])
    covered = coverage(pairs)
    times = [to_quality(queries, outcome, gate) for outcome in outcomes]
    reached = [time for time in times if time is not None]
    plain = {
        "time_to_quality_s": median(reached) if len(reached) == len(times) else None,
        "rows_per_s": rows / median(outcome.seconds["build"] for outcome in outcomes),
        "prepare_s": median(outcome.seconds["prepare"] for outcome in outcomes),
        "prepared_mb": median(outcome.prepared_mb for outcome in outcomes),
        "bytes_a_row": bytes_a_row(prepared.public, outcomes, rows),
        **answering(queries, outcomes),
    }
    metrics: dict[str, tuple[float | None, float | None, float | None]] = {
        name: (value, None, None) for name, value in plain.items()
    }
    if covered:
        metrics["coverage"] = covered
    return Conclusion(metrics, tuple(_faults(gate, queries, outcomes, covered, plain)))


def _faults(
    gate: tuple[float, float],
    queries: Sequence[Query],
    outcomes: Sequence[Outcome],
    covered: tuple[float, float, float] | None,
    plain: Mapping[str, float | None],
) -> Iterator[str]:
    if covered and covered[2] < LEAST_COVERAGE:
        yield (
            f"coverage {covered[0]:.0%} [{covered[1]:.0%}, {covered[2]:.0%}]: an epoch is all of the data, "
            f"at least {LEAST_COVERAGE:.0%} must show in the model"
        )
    for outcome in outcomes:
        auc, loss = quality(queries, outcome.answers)
        if not passes((auc, loss), gate):
            yield f"AUC {auc:.4f}, log-loss {loss:.4f} miss the gate of {gate[0]:g} and {gate[1]:g}"
    answered, trained = plain["answered_rows_per_s"], plain["rows_per_s"]
    if answered and trained and answered < trained:
        yield (f"answers {answered:,.0f} rows/s but trains {trained:,.0f}: the slower may learn meanwhile")


def pair_scores(queries: Sequence[Query], answers: Mapping[int, Arrays]) -> Array:
    """1 for every canary pair in the right order, 0 for one in the wrong, one half for a tie (pairs,)."""
    pair, side, label, score = _rows(queries, answers, canaries=True)
    if not len(pair):
        return np.zeros(0)
    order = np.lexsort((side, pair))
    margin = np.diff(score[order].astype(np.float64).reshape(-1, 2), axis=1)[:, 0]
    signed = np.sign(margin) * np.where(label[order][::2] > 0, 1, -1)
    right: Array = (signed + 1) / 2
    return right


def _rows(
    queries: Sequence[Query], answers: Mapping[int, Arrays], canaries: bool
) -> tuple[Array, Array, Array, Array]:
    """Pair, side, label and score of the rows that are canaries', or of those that are not."""
    none = np.zeros(0)
    parts: list[tuple[Any, Any, Any, Any]] = [(none, none, none, none)]
    for index, answer in answers.items():
        truth = queries[index].truth
        rows = truth.scored != canaries
        parts.append((truth.pair[rows], truth.side[rows], truth.label[rows], np.asarray(answer)[rows]))
    pair, side, label, score = (np.concatenate(part) for part in zip(*parts, strict=True))
    return pair, side, label, score


def coverage(right: Array) -> tuple[float, float, float] | None:
    """Share of the data that was learnt from, with its 95 % interval; None without canaries."""
    n = len(right)
    if not n:
        return None
    share = float(right.mean())
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return tuple(min(1.0, max(0.0, 2 * value - 1)) for value in (share, middle - reach, middle + reach))  # type: ignore[return-value]


def quality(queries: Sequence[Query], answers: Mapping[int, Arrays]) -> tuple[float, float]:
    """AUC and log-loss of the rows that count."""
    _, _, label, score = _rows(queries, answers, canaries=False)
    return ranking.auc(label, score), ranking.log_loss(label, score.astype(np.float32))


def passes(reached: tuple[float, float], gate: tuple[float, float]) -> bool:
    """Whether AUC and log-loss are good enough."""
    return reached[0] >= gate[0] and reached[1] <= gate[1]


def to_quality(queries: Sequence[Query], outcome: Outcome, gate: tuple[float, float]) -> float | None:
    """Seconds of training until the first checkpoint, or else the end, that passes the gate."""
    for checkpoint in outcome.checkpoints:
        if passes(quality(queries, checkpoint.answers), gate):
            return checkpoint.seconds
    return outcome.seconds["build"] if passes(quality(queries, outcome.answers), gate) else None


def bytes_a_row(public: Path, outcomes: Sequence[Outcome], rows: int) -> float:
    """Of what was prepared, or else of the smallest form that lies ready."""
    prepared = median(outcome.prepared_mb for outcome in outcomes) * 1e6
    return (prepared or (public / "train.parquet").stat().st_size) / rows


def answering(queries: Sequence[Query], outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Rows a second in blocks, by the median block, and percentiles of single rows."""
    asked = [(len(queries[index].truth.label), s) for outcome in outcomes for index, s in outcome.asked]
    blocks = [count / seconds for count, seconds in asked if count > 1]
    singles = np.array([seconds * 1e3 for count, seconds in asked if count == 1])
    return {
        "answered_rows_per_s": median(blocks) if blocks else None,
        "single_p50_ms": percentile_bound(singles, 0.5) if len(singles) else None,
        "single_p99_ms": percentile_bound(singles, 0.99) if len(singles) else None,
    }
