"""Canary runs: one frozen entry is evaluated on every machine, and machines of one class have to agree.

What is compared is the entry's time over the reference's, which does not depend on how fast a machine is
today. Every run is kept in a history, so that a machine's drift shows.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.record import Record
from harness.record.hardware import hardware_class
from harness.record.latency import UNCALIBRATED_MARGIN, margin_of, ratio_of
from harness.spec.errors import BadData, HarnessError
from harness.stats import Ratio, compare_ratios, ratio_between, ratio_from_log


class CanaryRun(BaseModel):
    """One run of the frozen entry on the machine with this public key.

    ``measured`` names what was run: runs are compared where it is equal. ``log_mean``, ``standard_error``
    and ``degrees_of_freedom`` are those of the time ratio; ``margin`` is the machine's by calibration.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_key: str
    hardware_class: str
    measured: str
    record: str
    started: str
    log_mean: float
    standard_error: float | None
    degrees_of_freedom: float | None
    margin: float | None

    @classmethod
    def of(cls, record: Record, public_key: str) -> CanaryRun:
        """Take a run from its record. Raises HarnessError where the frozen entry was not measured."""
        ratio = ratio_of(record)
        if record.status != "ok" or ratio is None or record.reference is None:
            raise HarnessError(f"the canary run {record.id} failed: {record.message or record.status}")
        entry, reference = record.submission, record.reference
        return cls(
            public_key=public_key,
            hardware_class=hardware_class(record.machine, record.isolation.level),
            measured=f"{record.task} v{record.task_version} {record.profile} {record.data.sha256[:12]} "
            f"{entry.sha256[:12]} {reference.sha256[:12]}",
            record=record.id,
            started=record.started,
            log_mean=ratio.log_mean,
            standard_error=ratio.log_se,
            degrees_of_freedom=ratio.df,
            margin=margin_of(record),
        )

    @property
    def ratio(self) -> Ratio:
        """The entry's time over the reference's."""
        return ratio_from_log(self.log_mean, self.standard_error, self.degrees_of_freedom)


class CanaryHistory:
    """The canary runs of a host, one JSON document a line in a file of its home, oldest first."""

    def __init__(self, home: Path) -> None:
        self._file = home / "machines" / "canary.jsonl"

    def runs(self) -> tuple[CanaryRun, ...]:
        """Return all runs. Raises BadData where the file is damaged."""
        if not self._file.exists():
            return ()
        try:
            return tuple(map(CanaryRun.model_validate_json, self._file.read_bytes().splitlines()))
        except ValidationError:
            raise BadData(f"{self._file} is damaged; remove the lines that are no runs") from None

    def add(self, run: CanaryRun) -> None:
        """Keep a run."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(run.model_dump_json().encode() + b"\n")


@dataclass(frozen=True)
class Drift:
    """The latest run of a machine beside its own earlier ones: ``change`` is 0.02 where it became 2 % slower.

    None where there is no earlier run of the same.
    """

    latest: CanaryRun
    change: float | None


def drifts(runs: Iterable[CanaryRun]) -> dict[str, Drift]:
    """Return the drift of each machine by its public key."""
    found: dict[str, Drift] = {}
    by_machine: dict[tuple[str, str], list[CanaryRun]] = {}
    for run in runs:
        earlier = by_machine.setdefault((run.public_key, run.measured), [])
        usual = ratio_from_log(median(each.log_mean for each in earlier), None, None) if earlier else None
        change = ratio_between(run.ratio, usual).value - 1 if usual else None
        found[run.public_key] = Drift(run, change)
        earlier.append(run)
    return found


def disagreement(run: CanaryRun, others: Sequence[CanaryRun]) -> str:
    """Say how a run differs from the latest ones of other machines of its class; empty where it agrees.

    It differs where the whole 95 % interval of the quotient of both ratios lies beyond the wider margin, for
    most of the others.
    """
    like = [each for each in others if _comparable(each, run)]
    differing = [each for each in like if _differs(run, each)]
    if 2 * len(differing) <= len(like):
        return ""
    by = ratio_between(run.ratio, differing[0].ratio)
    return (
        f"canary: {run.ratio.value:.3f} times the reference, but {differing[0].ratio.value:.3f} on another "
        f"machine of class {run.hardware_class}: {by.value - 1:+.1%} with a margin of "
        f"{_margin(run, differing[0]):.1%}, record {run.record}"
    )


def _comparable(one: CanaryRun, other: CanaryRun) -> bool:
    same = (one.hardware_class, one.measured) == (other.hardware_class, other.measured)
    return same and one.public_key != other.public_key


def _differs(one: CanaryRun, other: CanaryRun) -> bool:
    return compare_ratios(one.ratio, other.ratio, _margin(one, other)) in {"faster", "slower"}


def _margin(one: CanaryRun, other: CanaryRun) -> float:
    return max(UNCALIBRATED_MARGIN if each.margin is None else each.margin for each in (one, other))
