"""What one evaluation leaves behind: the record, its schemas, and the folder that holds its files.

How things are measured, scored or ranked does not belong here.
"""

from harness.record.reading import (
    StoredRecords,
    parse_record,
    read_record,
    read_records,
    record_folders,
)
from harness.record.record import (
    SCHEMA,
    Audit,
    DataId,
    Isolation,
    Latency,
    Measure,
    Phase,
    Record,
    SubmissionId,
    Validity,
    ValidityResult,
)
from harness.record.timing import Timing

__all__ = [
    "SCHEMA",
    "Audit",
    "DataId",
    "Isolation",
    "Latency",
    "Measure",
    "Phase",
    "Record",
    "StoredRecords",
    "SubmissionId",
    "Timing",
    "Validity",
    "ValidityResult",
    "parse_record",
    "read_record",
    "read_records",
    "record_folders",
]
