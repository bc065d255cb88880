"""What one evaluation leaves behind: an immutable value, stored as JSON and named by the hash of its bytes.

Units stand in the names: ``_s`` seconds, ``_ms`` milliseconds, ``_mb`` 10**6 bytes. A new field gets a
default, so that records without it stay readable; any other change is a new schema (``schemas/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.record.schemas import schema2
from harness.spec import Goal, Prepared, Submission
from harness.spec.errors import Status

SCHEMA = 2
Validity = Literal["valid", "provisional", "invalid"]


class Value(BaseModel):
    """Frozen, strict about unknown fields: the base of everything in a record."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Measure(Value):
    """One metric: its value and, where resampling or several processes give one, its 95 % interval."""

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str
    goal: Goal


class Phase(Value):
    """Time and peak memory (whole process tree) of one phase; the median over process pairs."""

    seconds: float
    memory_peak_mb: float | None = None


class DataId(Value):
    """The prepared data, by the hash of its bytes.

    ``open`` says that anybody can know what is hidden in them; None where that was not recorded.
    """

    name: str
    variant: str
    sha256: str
    open: bool | None = None

    @classmethod
    def of(cls, prepared: Prepared) -> DataId:
        """Name prepared data."""
        return cls(name=prepared.name, variant=prepared.variant, sha256=prepared.sha256, open=prepared.open)

    def same(self, other: DataId) -> bool:
        """Whether both are the same data, whatever is known of who knows them."""
        return self == other.model_copy(update={"open": self.open})


class SubmissionId(Value):
    """A submission, by the hash of its bytes."""

    name: str
    team: str = ""
    kind: str
    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, submission: Submission) -> SubmissionId:
        """Say which submission it is."""
        return cls(
            name=submission.name,
            team=submission.team,
            kind=submission.kind,
            sha256=submission.sha256,
            size_bytes=submission.size,
        )


class ValidityResult(Value):
    """Valid, provisional (shown, marked, not for prizes) or invalid (never ranked), and why."""

    state: Validity
    reasons: tuple[str, ...] = ()


class Isolation(Value):
    """The sandbox that the submission ran in; a ``level`` of 1 is the strongest."""

    level: int
    name: str
    safe: bool
    details: Mapping[str, str] = Field(default_factory=dict)


class Audit(Value):
    """One audit of the submission and its result; ``passed`` is None where it did not run."""

    name: str
    passed: bool | None
    detail: str = ""


class Latency(Value):
    """The submission's time over the reference's on the log scale, over processes.

    ``standard_error`` and ``degrees_of_freedom`` are None where one process ran. ``margin`` is the smallest
    difference that calibration found to be real (0.01: 1 %), None where the machine was not calibrated.
    """

    log_mean: float
    standard_error: float | None
    degrees_of_freedom: float | None
    margin: float | None


class Record(Value):
    """One evaluation of one submission on one task, variant and profile.

    ``processes`` counts the measured processes; ``rescored_from`` is the id of the record whose answers were
    scored again for this one.
    """

    schema_: int = Field(default=SCHEMA, alias="schema")
    id: str = ""
    task: str
    task_version: int
    data: DataId
    profile: str
    scenario: str
    quick: bool
    submission: SubmissionId
    reference: SubmissionId | None = None
    status: Status
    message: str = ""
    validity: ValidityResult
    isolation: Isolation
    metrics: Mapping[str, Measure] = Field(default_factory=dict)
    latency: Latency | None = None
    phases: Mapping[str, Phase] = Field(default_factory=dict)
    audits: tuple[Audit, ...] = ()
    gauges: Mapping[str, float | str | None] = Field(default_factory=dict)
    machine: Mapping[str, Any] = Field(default_factory=dict)
    versions: Mapping[str, str] = Field(default_factory=dict)
    seed: int
    processes: int
    started: str
    seconds: float
    rescored_from: str | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    def sealed(self) -> Record:
        """Return a copy whose ``id`` is the hash of the bytes that are stored."""
        return self.model_copy(update={"id": schema2.identity(self.to_bytes())})

    def to_bytes(self) -> bytes:
        """Return the content of ``record.json``: one JSON document without the id, which is its hash."""
        return self.model_dump_json(by_alias=True, exclude={"id"}).encode()

    def to_json(self) -> str:
        """Return one JSON document with the id, for people and programs; not what is stored."""
        return self.model_dump_json(by_alias=True)
