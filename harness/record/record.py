"""What one evaluation leaves behind: immutable, schema-versioned, content-hashed JSON.

Units stand in the names: ``_s`` seconds, ``_ms`` milliseconds, ``_mb`` 10**6 bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.spec import Goal
from harness.spec.errors import Status

SCHEMA = 1
Validity = Literal["valid", "provisional", "invalid"]


class Value(BaseModel):
    """Frozen, strict about unknown fields: the base of everything in a record."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Measure(Value):
    """One metric: its value and, where resampling or replication gives one, its 95 % interval."""

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str
    goal: Goal


class Phase(Value):
    """Time and peak memory (whole process tree) of one phase; the median over replicates."""

    seconds: float
    memory_peak_mb: float | None = None


class DataId(Value):
    """Which bytes were asked about."""

    name: str
    variant: str
    sha256: str


class SubmissionId(Value):
    """Whose bytes answered."""

    name: str
    team: str = ""
    kind: str
    sha256: str
    size_bytes: int


class Verdict(Value):
    """valid, provisional (shown, marked, not for prizes) or invalid (never ranked), and why."""

    state: Validity
    reasons: tuple[str, ...] = ()


class Isolation(Value):
    """What stood between the submission and the machine."""

    tier: int
    name: str
    safe: bool
    details: Mapping[str, str] = Field(default_factory=dict)


class Audit(Value):
    """One check on the contestant's honesty, and how it ended."""

    name: str
    passed: bool | None
    detail: str = ""


class Record(Value):
    """One evaluation of one submission on one task, variant and profile."""

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
    validity: Verdict
    isolation: Isolation
    metrics: Mapping[str, Measure] = Field(default_factory=dict)
    phases: Mapping[str, Phase] = Field(default_factory=dict)
    audits: tuple[Audit, ...] = ()
    gauges: Mapping[str, float | str | None] = Field(default_factory=dict)
    machine: Mapping[str, Any] = Field(default_factory=dict)
    versions: Mapping[str, str] = Field(default_factory=dict)
    seed: int
    replicates: int
    started: str
    seconds: float

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    def sealed(self) -> Record:
        """Return a copy whose ``id`` is the hash of everything else."""
        return self.model_copy(update={"id": self.content_hash()})

    def content_hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the canonical JSON without ``id``."""
        body = json.loads(self.to_json())
        del body["id"]
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """One JSON document, keys as in the schema."""
        return self.model_dump_json(by_alias=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> Record:
        """Read a record back. Raises ``ValueError`` where it is not one or was changed."""
        record = cls.model_validate_json(text)
        if record.id != record.content_hash():
            raise ValueError(f"record {record.id} was changed after it was sealed")
        return record
