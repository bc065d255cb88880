"""What a training was worth, from outside: time to quality, rows a second, and how much data it was.

Coverage is 2 s - 1 for the share s of canary pairs in the right order (``datasets/clicks/canaries.py``),
its interval Wilson's (1927). A record whose interval lies below 95 % is invalid.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Conclusion, Outcome, Prepared, Query
from harness.stats import percentile_bound
from tasks.metrics.gate import GATES, Gate, Quality

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

LEAST_COVERAGE = 0.95
_Z = 1.959964


def conclude(prepared: Prepared, queries: Sequence[Query], outcomes: Sequence[Outcome]) -> Conclusion:
    """Medians over the processes, coverage of all pairs together, and what makes the record invalid."""
    gate = GATES[prepared.variant]
    rows = json.loads((prepared.public / "schema.json").read_text())["rows"]
    pairs = np.concatenate([pair_scores(queries, outcome.answers) for outcome in outcomes])
    covered = coverage(pairs)
    reached = [quality(queries, outcome.answers) for outcome in outcomes]
    times = [to_quality(queries, outcome, gate) for outcome in outcomes]
    soon = [time for time in times if time is not None]
    plain = {
        "time_to_quality_s": median(soon) if len(soon) == len(times) else None,
        "rows_per_s": rows / median(map(trained_s, outcomes)),
        "best_auc": reached[0].best_auc,
        "prepare_s": median(outcome.seconds["prepare"] for outcome in outcomes),
        "prepared_mb": median(outcome.prepared_mb for outcome in outcomes),
        **reading(prepared.public, outcomes, rows),
        **answering(queries, outcomes),
    }
    metrics: dict[str, tuple[float | None, float | None, float | None]] = {
        name: (value, None, None) for name, value in plain.items()
    }
    if covered:
        metrics["coverage"] = covered
    return Conclusion(metrics, tuple(_faults(gate, reached, covered, plain)))


def _faults(
    gate: Gate,
    reached: Sequence[Quality],
    covered: tuple[float, float, float] | None,
    plain: Mapping[str, float | None],
) -> Iterator[str]:
    if covered and covered[2] < LEAST_COVERAGE:
        yield (
            f"coverage {covered[0]:.0%} [{covered[1]:.0%}, {covered[2]:.0%}]: an epoch is all of the data, "
            f"at least {LEAST_COVERAGE:.0%} must show in the model"
        )
    yield from (gate.missed(one) for one in reached if not gate.passes(one))
    answered, trained = plain["answered_rows_per_s"], plain["rows_per_s"]
    if answered and trained and answered < trained:
        yield f"answers {answered:,.0f} rows/s but trains {trained:,.0f}: the slower may learn meanwhile"


def trained_s(outcome: Outcome) -> float:
    """Seconds from the start of ``build`` to steady answers: who trains on the first query gains nothing."""
    return sum(outcome.seconds[phase] for phase in ("build", "first_query", "warm_up"))


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


def to_quality(queries: Sequence[Query], outcome: Outcome, gate: Gate) -> float | None:
    """Seconds of training until the first checkpoint, or else the end, that passes the gate."""
    for checkpoint in outcome.checkpoints:
        if gate.passes(quality(queries, checkpoint.answers)):
            return checkpoint.seconds
    return trained_s(outcome) if gate.passes(quality(queries, outcome.answers)) else None


def reading(public: Path, outcomes: Sequence[Outcome], rows: int) -> dict[str, float | None]:
    """Bytes a row of what was prepared, or else of the smallest form that lies ready; how much of the data

    was cached; and what the disk gave, which nobody can say where the data fit in memory.
    """
    size = median(outcome.prepared_mb for outcome in outcomes) * 1e6
    size = size or (public / "train.parquet").stat().st_size
    known = [outcome.cached_share for outcome in outcomes if outcome.cached_share is not None]
    rate = size / 1e6 / median(map(trained_s, outcomes)) if size > memory_bytes() else None
    return {"bytes_a_row": size / rows, "cached": min(known, default=None), "disk_mb_per_s": rate}


def memory_bytes() -> int:
    """Memory of this machine, all of which may become page cache."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


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
