"""Reports of rehearsals: what an author may read of it, whole, because it saw public data only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from competitions.store.hosted import Files
from harness.files import write_whole

if TYPE_CHECKING:
    import sqlalchemy as sa

    from competitions.store.people import Account


@dataclass(frozen=True)
class PhaseReport:
    """Seconds and peak memory (MB) of one phase of a rehearsal."""

    name: str
    seconds: float
    memory_mb: float | None = None


@dataclass(frozen=True)
class Report:
    """What came of a rehearsal: ``message`` says what failed; ``log`` is all that the submission printed."""

    passed: bool
    message: str
    log: str = ""
    phases: tuple[PhaseReport, ...] = field(default=())


def write_report(home: Path, slug: str, submission: int, report: Report) -> None:
    """Keep the report of a submission."""
    path = _path(home, slug, submission)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(report)).encode())


def read_report(engine: sa.Engine, home: Path, account: Account, submission: int) -> Report | None:
    """Return the report of a submission of the account's own team; None where it was not rehearsed yet.

    Raises NotFound for a submission of another team.
    """
    from competitions.store.submissions import find

    path = _path(home, find(engine, account, submission).entered.competition, submission)
    if not path.is_file():
        return None
    fields = json.loads(path.read_bytes())
    return Report(**{**fields, "phases": tuple(PhaseReport(**phase) for phase in fields["phases"])})


def _path(home: Path, slug: str, submission: int) -> Path:
    return Files.of(home, slug).folder / "reports" / f"{submission}.json"
