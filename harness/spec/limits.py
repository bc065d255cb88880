"""What a submission may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.spec.environment import OwnEnvironments


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds are wall time on the parent's clock.

    ``query_mb`` and ``answer_mb`` say how much one request of several queries holds, and ``answer_mb`` how
    large an answer may be whose size the task does not declare. A single query is sent whatever its size.
    ``environments`` says which packages a submission may bring.
    """

    build_s: float = 120.0
    query_s: float = 10.0
    run_s: float = 900.0
    memory_mb: int = 4096
    processes: int = 64
    answer_mb: int = 16
    query_mb: int = 16
    disk_mb: int = 1024
    submission_mb: float = 512
    environments: OwnEnvironments = field(default_factory=OwnEnvironments)
