"""What of a record stands in an MLflow run: metrics, parameters and tags."""

from __future__ import annotations

import getpass
import re
from typing import Any

from harness.record import Record
from leaderboards.boards.names import plain

_MOST_PARAMS = 100


def numbers(record: Record) -> dict[str, float]:
    """Return the metrics of a run: values, ends of intervals (``.low``, ``.high``) and phases."""
    values = {"seconds": record.seconds}
    for name, measure in record.metrics.items():
        for suffix, value in (("", measure.value), (".low", measure.low), (".high", measure.high)):
            if value is not None:
                values[key(name) + suffix] = value
    for name, phase in record.phases.items():
        values[f"phase.{key(name)}.seconds"] = phase.seconds
        if phase.memory_peak_mb is not None:
            values[f"phase.{key(name)}.memory_peak_mb"] = phase.memory_peak_mb
    return values


def params(record: Record) -> dict[str, str]:
    """Return the parameters of a run: what was measured, on which data, machine and versions."""
    known: dict[str, Any] = {
        "task": record.task,
        "task_version": record.task_version,
        "data": record.data.name,
        "variant": record.data.variant,
        "data_sha256": record.data.sha256,
        "profile": record.profile,
        "scenario": record.scenario,
        "submission": record.submission.name,
        "submission_sha256": record.submission.sha256,
        "kind": record.submission.kind,
        "quick": record.quick,
        "seed": record.seed,
        "processes": record.processes,
    }
    for group, values in (("machine", record.machine), ("version", record.versions)):
        shown = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
        known |= {f"{group}.{key(name)}": value for name, value in shown.items()}
    return {name: plain(str(value), 400) for name, value in list(known.items())[:_MOST_PARAMS]}


def tags(record: Record) -> dict[str, str]:
    """Return the tags of a run, without those that are empty; MLflow shows some as its source and user."""
    texts = {
        "status": record.status,
        "validity": record.validity.state,
        "isolation": record.isolation.name,
        "team": record.submission.team,
        "reasons": "; ".join(record.validity.reasons),
        "message": record.message,
    }
    ours = {f"photofinish.{name}": plain(value, 1000) for name, value in texts.items() if value}
    source = {"mlflow.source.name": f"photofinish run {record.task}", "mlflow.source.type": "LOCAL"}
    return ours | {
        name: plain(value, 400) for name, value in {**source, "mlflow.user": _user(record)}.items()
    }


def _user(record: Record) -> str:
    """Return who handed the submission in: its team, or the user of this machine."""
    try:
        return record.submission.team or getpass.getuser()
    except (OSError, KeyError):  # a container may know no name for its user
        return "unknown"


def key(name: str) -> str:
    """Return the name with every character replaced that MLflow refuses in a metric or a parameter."""
    return re.sub(r"[^\w./ -]|\.\.", "_", name, flags=re.ASCII).strip("/. ")[:200] or "_"
