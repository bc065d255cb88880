"""One evaluation on disk: a folder that appears whole or not at all.

record.json      the Record
rows.npz         public split: id, cluster and one array (n, ...) per additive statistic
bootstrap.npz    metric -> (b,) float32, common resamples; clusters -> how many
answers.npz      every answer of the first pass, by unit: ``<id>`` or ``<id>|<name>``
latencies.csv    replicate, block, unit, who, ns
log.txt          what the submission printed, capped
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.files import new_folder
from harness.measurement.pairs import Timing
from harness.record.record import Record
from harness.scoring.scores import Scores
from harness.spec import Query

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


def write(
    records: Path,
    record: Record,
    queries: Sequence[Query],
    scores: Scores,
    answers: Mapping[int, Arrays],
    timings: Sequence[Timing],
    files: Mapping[str, bytes],
    log: str,
) -> Path:
    """Write everything into ``records/<id>`` atomically and return that folder."""
    target = records / record.id
    if target.exists():
        return target
    with new_folder(target) as folder:
        (folder / "record.json").write_text(record.to_json())
        (folder / "log.txt").write_text(log)
        if scores.ids:
            _write_scores(folder, scores)
        if answers:
            np.savez_compressed(folder / "answers.npz", **_named(queries, answers))  # type: ignore[arg-type]
        if timings:
            _write_latencies(folder / "latencies.csv", queries, timings)
        for name, data in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
    return target


def rewrite(records: Path, old: Path, record: Record, scores: Scores) -> Path:
    """Write ``records/<id>`` with the scores of a new record and everything else of an old one's folder."""
    target = records / record.id
    if target.exists():
        return target
    with new_folder(target) as folder:
        shutil.copytree(old, folder, dirs_exist_ok=True)
        (folder / "record.json").write_text(record.to_json())
        _write_scores(folder, scores)
    return target


def _write_scores(folder: Path, scores: Scores) -> None:
    count = np.int64(len(set(scores.clusters)))
    np.savez(folder / "rows.npz", id=scores.ids, cluster=scores.clusters, **scores.table)  # type: ignore[arg-type]
    np.savez(folder / "bootstrap.npz", clusters=count, **scores.replicates)  # type: ignore[arg-type]


def _named(queries: Sequence[Query], answers: Mapping[int, Arrays]) -> dict[str, Array]:
    named: dict[str, Array] = {}
    for index, answer in sorted(answers.items()):
        name = queries[index].id
        if isinstance(answer, Mapping):
            named |= {f"{name}|{part}": array for part, array in answer.items()}
        else:
            named[name] = answer
    return named


def _write_latencies(path: Path, queries: Sequence[Query], timings: Sequence[Timing]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["replicate", "block", "unit", "who", "ns"])
        for timing in timings:
            unit = queries[timing.query].id
            writer.writerow([timing.replicate, timing.block, unit, "submission", timing.submission_ns])
            writer.writerow([timing.replicate, timing.block, unit, "reference", timing.reference_ns])
