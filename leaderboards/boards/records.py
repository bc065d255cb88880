"""From a record to a board: its row, the key of the row, and the contender that ranks."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from harness.record import Record
from harness.record.latency import ReferenceTime, margin_of, ratio_of
from leaderboards.boards.names import plain, skeleton
from leaderboards.boards.rows import Cell, Role, Row, RowEntry, RowIsolation, RowState
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import BootstrapDraws, Contender, LatencyRatio, Obstacle, Spread, obstacle

_WHOLE_NAME = 400
SHIPPED = "photofinish"
"""The team of the entries that come with the tasks."""


def row_of(record: Record, spec: BoardSpec) -> Row:
    """Make the row of one record, not yet ranked."""
    team = plain(record.submission.team) if record.submission.team else ""
    return Row(
        record=record.id,
        entry=RowEntry(
            plain(record.submission.name), team, role_of(record), plain(record.submission.name, _WHOLE_NAME)
        ),
        cells={
            name: Cell(measure.value, measure.low, measure.high) for name, measure in record.metrics.items()
        },
        state=RowState(record.status, record.validity.state, _reason(record, spec)),
        isolation=RowIsolation(plain(record.isolation.name), record.isolation.safe),
        started=record.started,
    )


def row_key(record: Record) -> str:
    """Name the row that a record competes for: its team's, or the entry's own.

    An entry has its own row where its team is not known and where it is shipped with the task; entries of
    one name and two runtimes (``net.onnx``, ``net.tflite``) are two. Teams whose names look alike are one.
    The key is a hash, since names may be long or hold characters that a database does not take.
    """
    submission = record.submission
    has_own = submission.team in ("", SHIPPED)
    own = [submission.name] if submission.kind == "python" else [submission.name, submission.kind]
    parts = [submission.team, *own] if has_own else [skeleton(submission.team)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def role_of(record: Record) -> Role:
    """Say whether the entry is the task's reference, another shipped entry (a baseline), or neither."""
    if record.submission.team != SHIPPED:
        return ""
    reference = record.reference
    return "reference" if reference is not None and reference.name == record.submission.name else "baseline"


def contender_of(record: Record, spec: BoardSpec, draws: BootstrapDraws | None = None) -> Contender:
    """Take from a record everything that ranking needs; a run that failed counts as invalid."""
    measure, memory = record.metrics.get(spec.metric.name), record.metrics.get("memory_peak_mb")
    ratio = ratio_of(record)
    return Contender(
        id=record.id,
        started=datetime.fromisoformat(record.started).timestamp(),
        value=measure.value if measure else None,
        draws=draws or (Spread.of(measure.low, measure.high, record.processes) if measure else None),
        latency=LatencyRatio(ratio, margin_of(record), ReferenceTime.of(record)) if ratio else None,
        memory_mb=memory.value if memory else None,
        validity=record.validity.state if record.status == "ok" else "invalid",
        reference=role_of(record) == "reference",
    )


def obstacle_text(kind: Obstacle, value: float | None, spec: BoardSpec) -> str:
    """Say in words what keeps an entry from having a rank; empty where nothing does."""
    metric = spec.metric
    if kind == "gate" and value is not None and spec.gate is not None:
        missed = "does not reach the required" if metric.goal == "max" else "is above the allowed"
        return f"{metric.title} {value:.{metric.digits}f} {missed} {spec.gate:g}"
    return f"no value for {metric.title}" if kind == "no value" else kind


def _reason(record: Record, spec: BoardSpec) -> str:
    """Say why a record has no rank, or why its rank is provisional, in one line."""
    contender = contender_of(record, spec)
    kind = obstacle(contender, spec.metric.goal, spec.gate)
    reasons = "; ".join(record.validity.reasons)
    if kind == "invalid":
        failed = record.message or record.status
        text = failed if record.status != "ok" else reasons or kind
    else:
        text = obstacle_text(kind, contender.value, spec) or reasons
    return plain(text, 160) if text else ""
