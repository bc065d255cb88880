"""What one comparison of two submissions leaves behind: a file named by the hash of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.files import write_whole
from harness.record.record import DataId, SubmissionId
from harness.spec.errors import UnreadableRecord


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class SpeedDifference(_Value):
    """A's time divided by B's with its 95 % interval, and what that says within ``margin`` (relative).

    Others used the machine while ``disturbed`` of the ``processes`` process pairs were timed. A machine that
    is not ``calibrated`` has an assumed margin. ``ratio`` is None where it could not be measured.
    """

    ratio: float | None
    low: float | None
    high: float | None
    margin: float
    verdict: str
    processes: int
    disturbed: int = 0
    calibrated: bool = True

    @property
    def open(self) -> bool:
        """Whether the interval reaches beyond the margin though no difference was shown."""
        if self.verdict != "no difference" or self.low is None or self.high is None:
            return False
        return self.high > 1 + self.margin or self.low < 1 / (1 + self.margin)


class MedianTimes(_Value):
    """Median milliseconds of a query to A and to B, by the clock outside of both; None without any."""

    a_ms: float | None = None
    b_ms: float | None = None


class ComparisonRecord(_Value):
    """Two submissions that were timed in turns; ``started`` is ISO 8601 in UTC.

    Its fields lie side by side because it is the format of a file that stays readable.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    task: str
    task_version: int
    data: DataId
    profile: str
    a: SubmissionId
    b: SubmissionId
    speed: SpeedDifference
    times: MedianTimes = MedianTimes()
    seed: int
    quick: bool
    machine: dict[str, Any]
    started: str

    def write(self, folder: Path) -> str:
        """Keep the comparison in ``folder`` and return its id: 16 hexadecimal digits."""
        data = self.model_dump_json(by_alias=True, indent=1).encode()
        name = _id(data)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{name}.json", data)
        return name


def read_comparison(folder: Path, name: str) -> ComparisonRecord | None:
    """Read a comparison by its id; None where there is none. Raises UnreadableRecord where it was damaged."""
    path = folder / f"{name}.json"
    if not path.is_file():
        return None
    try:
        data = path.read_bytes()
        if _id(data) != name:
            raise UnreadableRecord(f"{path}: the comparison was changed after it was written")
        return ComparisonRecord.model_validate_json(data)
    except (OSError, ValidationError) as error:
        raise UnreadableRecord(f"{path}: this is not a comparison that can be read: {error}") from error


def _id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
