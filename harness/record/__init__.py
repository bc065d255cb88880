"""What one evaluation leaves behind: the record, its schema, and the folder that holds its files."""

from harness.record.record import (
    SCHEMA,
    Audit,
    DataId,
    Isolation,
    Measure,
    Phase,
    Record,
    SubmissionId,
    Validity,
    Verdict,
)

__all__ = [
    "SCHEMA",
    "Audit",
    "DataId",
    "Isolation",
    "Measure",
    "Phase",
    "Record",
    "SubmissionId",
    "Validity",
    "Verdict",
]
