"""Check a signed trail against what is stored: every file by its hash, every score by scoring it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from competitions.hosting.closing import record_id
from competitions.hosting.private_scores import Rescoring, Split
from competitions.hosting.trail import Trail
from competitions.rules.refusals import NotFound
from competitions.store.database import reading
from competitions.store.hosted import find
from competitions.store.submissions import Submission, get
from competitions.store.tables import RESULTS
from harness.files import sha256_of
from harness.spec import Progress, no_progress

_CLOSE = 1e-9


@dataclass(frozen=True)
class Verified:
    """How many files and scores were as the trail says, and what was not, in words."""

    files: int
    scores: int
    faults: tuple[str, ...]


def verify(engine: sa.Engine, home: Path, trail: Trail, progress: Progress = no_progress) -> Verified:
    """Compare a trail with this home's database, files and scores."""
    slug = str(trail.content["competition"])
    hosted = find(engine, slug)
    query = sa.select(RESULTS.c.submission, RESULTS.c.record).where(RESULTS.c.competition == slug)
    with reading(engine) as connection:
        records = {row.submission: record_id(row.record) for row in connection.execute(query)}
    rescoring = Rescoring(home, hosted, records)
    faults: list[str] = []
    files = scores = 0
    for number, entry in enumerate(trail.submissions):
        progress("verifying submissions", number, len(trail.submissions))
        try:
            with reading(engine) as connection:
                stored = get(connection, int(entry["id"]))
        except NotFound:
            faults.append(f"submission {entry['id']} is not in the database")
            continue
        wrong = _file_fault(home, stored, entry)
        faults += [wrong] if wrong else []
        files += not wrong
        if entry["state"] == "scored" and not wrong:
            differing = list(_score_faults(rescoring, stored, entry))
            faults += differing
            scores += not differing
    return Verified(files, scores, tuple(faults))


def _file_fault(home: Path, stored: Submission, entry: Mapping[str, Any]) -> str:
    path = home / stored.handed.path
    if not path.is_file():
        return f"the file of submission {stored.id} is missing: {path}"
    if sha256_of(path) != entry["sha256"]:
        return f"the file of submission {stored.id} was changed: {path}"
    return ""


def _score_faults(rescoring: Rescoring, stored: Submission, entry: Mapping[str, Any]) -> list[str]:
    faults = []
    # A task may average public scores over processes; what is scored again is the first one's answers.
    splits: tuple[Split, ...] = ("public", "private") if stored.handed.kind == "predictions" else ("private",)
    for split in splits:
        said = entry.get(split)
        if said is None:
            continue
        again = rescoring.score(stored, split)
        if again is None or abs(again.value - said) > _CLOSE * max(1.0, abs(said)):
            value = "no value" if again is None else f"{again.value:.6f}"
            faults.append(f"submission {stored.id}: its {split} score is {value}, the trail says {said:.6f}")
    return faults
