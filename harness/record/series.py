"""The latencies and the memory of a record over time: their files, and what every drawing of them shares."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.files import plain_file
from harness.record.timing import Timing
from harness.spec import Lesson
from harness.spec.errors import UnreadableRecord

if TYPE_CHECKING:
    from harness.spec import Array

_BINS = 48
_IN_VIEW = 0.999
"""The share of the times that lies on the axis; one stall of a second would squeeze all the others."""
_ROOM = 0.08
"""Room at both ends of the axis, as a share of its length on the log scale, and the least there is."""


@dataclass(frozen=True)
class MemorySample:
    """Resident memory of the process tree in 10**6 bytes, the seconds since the start, and the phase."""

    seconds: float
    memory_mb: float
    phase: str


@dataclass(frozen=True)
class PhaseSpan:
    """One phase from its first sample to that of the next phase, in seconds."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class LatencyHistogram:
    """Shares (bins,) of the requests of both sides between ``edges_ms`` (bins + 1,), equal on a log axis.

    Times beyond the last edge are counted in the last bin. ``reference`` is all zero where it has none.
    """

    edges_ms: Array
    submission: Array
    reference: Array


def latency_histogram(submission_ms: Array, reference_ms: Array) -> LatencyHistogram:
    """Bin the times (n,) and (m,) in ms of two sides, n at least 1, m 0 where there is no reference."""
    both = [times for times in (submission_ms, reference_ms) if len(times)]
    ends = [float(np.quantile(times, share)) for times in both for share in (0.0, _IN_VIEW)]
    low, high = math.log(min(ends)), math.log(max(ends))
    room = max((high - low) * _ROOM, _ROOM)
    edges = np.geomspace(math.exp(low - room), math.exp(high + room), _BINS + 1)
    submission, reference = (
        np.histogram(np.clip(times, edges[0], edges[-1]), edges)[0] / max(len(times), 1)
        for times in (submission_ms, reference_ms)
    )
    return LatencyHistogram(edges, submission, reference)


def phase_spans(samples: Sequence[MemorySample]) -> list[PhaseSpan]:
    """Split samples, in order of time, into the phases they were taken in."""
    starts = [(name, next(group).seconds) for name, group in groupby(samples, key=lambda one: one.phase)]
    ends = [start for _, start in starts[1:]] + [sample.seconds for sample in samples[-1:]]
    return [PhaseSpan(name, start, end) for (name, start), end in zip(starts, ends, strict=True)]


def write_latencies(path: Path, units: Sequence[str], timings: Sequence[Timing]) -> None:
    """Write both times of every request; ``units`` are the ids of all queries."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["replicate", "block", "unit", "who", "ns"])
        for timing in timings:
            start = (timing.process, timing.block, units[timing.query])
            writer.writerow([*start, "submission", timing.submission_ns])
            writer.writerow([*start, "reference", timing.reference_ns])


def read_latencies(path: Path) -> tuple[Array, Array]:
    """Read the times in ms (n,) of the submission's requests and of the reference's.

    Raises UnreadableRecord.
    """
    times: dict[str, list[float]] = {"submission": [], "reference": []}
    with _lines(path) as lines:
        for line in lines:
            times[line["who"]].append(float(line["ns"]) / 1e6)
    return np.array(times["submission"]), np.array(times["reference"])


def read_unit_times(path: Path) -> tuple[list[str], Array]:
    """Read the unit and the time in ns (n,) of each of the submission's requests. Raises UnreadableRecord."""
    with _lines(path) as lines:
        times = [(line["unit"], float(line["ns"])) for line in lines if line["who"] == "submission"]
    return [unit for unit, _ in times], np.array([ns for _, ns in times])


def memory_csv(samples: Sequence[MemorySample]) -> bytes:
    """Return the samples as the bytes of a CSV file."""
    lines = (f"{sample.seconds:.3f},{sample.memory_mb:.3f},{sample.phase}\n" for sample in samples)
    return ("seconds,memory_mb,phase\n" + "".join(lines)).encode()


def lessons_csv(units: Sequence[str], processes: Sequence[Sequence[Lesson]]) -> bytes:
    """Return the lessons of each process as the bytes of a CSV file; ``units`` are the ids of all queries."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["replicate", "unit", "ns", "cpu_s", "memory_mb"])
    for number, lessons in enumerate(processes):
        for one in lessons:
            costs = (round(one.seconds * 1e9), f"{one.cpu_s:.6f}", f"{one.memory_mb:.3f}")
            writer.writerow([number, units[one.query], *costs])
    return stream.getvalue().encode()


def read_memory(path: Path) -> Iterator[MemorySample]:
    """Read what ``memory_csv`` wrote. Raises UnreadableRecord."""
    with _lines(path) as lines:
        for line in lines:
            yield MemorySample(float(line["seconds"]), float(line["memory_mb"]), line["phase"])


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[Mapping[str, str]]]:
    """Yield the lines of a CSV file by column. Raises UnreadableRecord where they are not as they were."""
    try:
        with plain_file(path).open(newline="", encoding="utf-8") as stream:
            yield csv.DictReader(stream)
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise UnreadableRecord(f"{path} cannot be read: {error}; {UnreadableRecord.cure}") from None
