"""One evaluation on disk: a folder that appears whole or not at all, named by the record's id.

record.json      the Record
rows.npz         public split: id, cluster and one array (n, ...) per additive statistic; of a task that
                 teaches also lessons: how many came before the unit
lessons.csv      replicate, unit, ns, cpu_s, memory_mb of each lesson, where the task teaches
bootstrap.npz    metric -> (b,) float32, common resamples; clusters -> how many
answers.npz      every answer of the first pass, by unit: ``<id>`` or ``<id>|<name>``
latencies.csv    replicate, block, unit, who (submission or reference), ns
log.txt          what the submission printed, capped
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.files import new_folder
from harness.record.record import Record
from harness.record.series import write_latencies
from harness.record.timing import Timing
from harness.spec.errors import NotAvailable

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


@dataclass(frozen=True)
class RecordFiles:
    """The files beside ``record.json``; what is empty is not written, but for the log.

    ``units`` are the ids of all queries, which ``answers`` and ``timings`` name by their index; ``rows`` and
    ``draws`` are the arrays of ``rows.npz`` and ``bootstrap.npz``; ``others`` are files by relative path.
    """

    units: Sequence[str] = ()
    rows: Mapping[str, Array] = field(default_factory=dict)
    draws: Mapping[str, Array] = field(default_factory=dict)
    answers: Mapping[int, Arrays] = field(default_factory=dict)
    timings: Sequence[Timing] = ()
    others: Mapping[str, bytes] = field(default_factory=dict)
    log: str = ""


def write(records: Path, record: Record, files: RecordFiles) -> Path:
    """Write everything into ``records/<id>`` atomically and return that folder."""
    with new_folder(records / record.id) as building:
        (building / "record.json").write_bytes(record.to_bytes())
        (building / "log.txt").write_text(files.log, "utf-8", "backslashreplace")
        _write_scores(building, files.rows, files.draws)
        if files.answers:
            named = _named(files.units, files.answers)
            np.savez_compressed(building / "answers.npz", **named)  # type: ignore[arg-type]
        if files.timings:
            write_latencies(building / "latencies.csv", files.units, files.timings)
        for name, data in files.others.items():
            (building / name).parent.mkdir(exist_ok=True)
            (building / name).write_bytes(data)
    return records / record.id


def write_or_rescue(records: Path, record: Record, files: RecordFiles) -> Path:
    """Write as ``write`` does, or elsewhere where ``records`` cannot be written: a measurement is not lost.

    Raises NotAvailable in that case, which says where the record is and how to publish it.
    """
    try:
        return write(records, record, files)
    except OSError as error:
        reason = error.strerror or str(error)
    try:
        saved = write(Path(tempfile.gettempdir()) / "photofinish-records", record, files)
    except OSError as error:
        raise NotAvailable(
            f"record {record.id} cannot be saved in {records} ({reason}), nor in the folder for temporary "
            f"files ({error.strerror}); make room and run again"
        ) from error
    raise NotAvailable(
        f"record {record.id} cannot be saved in {records} ({reason}); it was saved as {saved}. Make room, "
        f"move that folder into {records}, and 'boards rebuild' publishes it"
    )


def rewrite(
    records: Path, old: Path, record: Record, rows: Mapping[str, Array], draws: Mapping[str, Array]
) -> Path:
    """Write ``records/<id>`` with new rows and bootstrap draws and every other file of the folder ``old``."""
    with new_folder(records / record.id) as building:
        shutil.copytree(old, building, dirs_exist_ok=True)
        (building / "record.json").write_bytes(record.to_bytes())
        _write_scores(building, rows, draws)
    return records / record.id


def _write_scores(folder: Path, rows: Mapping[str, Array], draws: Mapping[str, Array]) -> None:
    if rows:
        np.savez(folder / "rows.npz", **rows)  # type: ignore[arg-type]
        np.savez(folder / "bootstrap.npz", **draws)  # type: ignore[arg-type]


def _named(units: Sequence[str], answers: Mapping[int, Arrays]) -> dict[str, Array]:
    named: dict[str, Array] = {}
    for index, answer in sorted(answers.items()):
        name = units[index]
        if isinstance(answer, Mapping):
            named |= {f"{name}|{part}": array for part, array in answer.items()}
        else:
            named[name] = answer
    return named
