"""Check a signed trail against what is stored: every file by its hash, every score by scoring it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from competitions.hosting.closing import record_id
from competitions.hosting.private_scores import Rescoring, SplitScore
from competitions.hosting.trail import Trail
from competitions.rules.refusals import NotFound
from competitions.store.database import reading
from competitions.store.hosted import find
from competitions.store.submissions import Submission, get
from competitions.store.tables import RESULTS
from harness.fanning import Fan, fanned
from harness.files import sha256_of
from harness.spec import Progress, Split, no_progress

_CLOSE = 1e-9


@dataclass(frozen=True)
class Verified:
    """How many files and scores were as the trail says, and what was not, in words."""

    files: int
    scores: int
    faults: tuple[str, ...]


def verify(
    engine: sa.Engine, home: Path, trail: Trail, progress: Progress = no_progress, fan: Fan = fanned
) -> Verified:
    """Compare a trail with this home's database, files and scores; ``fan`` computes the scores."""
    slug = str(trail.content["competition"])
    query = sa.select(RESULTS.c.submission, RESULTS.c.record).where(RESULTS.c.competition == slug)
    with reading(engine) as connection:
        records = {row.submission: record_id(row.record) for row in connection.execute(query)}
    faults: list[str] = []
    files = 0
    wanted: list[tuple[Submission, Split]] = []
    said: list[float] = []
    scored: set[int] = set()
    for number, entry in enumerate(trail.submissions, 1):
        progress("verifying files", number, len(trail.submissions))
        stored, wrong = _stored(engine, home, entry)
        faults += [wrong] if wrong else []
        files += not wrong
        if stored is not None and not wrong and entry["state"] == "scored":
            scored.add(stored.id)
            for split in _splits(stored, entry):
                wanted.append((stored, split))
                said.append(float(entry[split]))
    differing: set[int] = set()
    again = Rescoring(home, find(engine, slug), records, fan).scores(wanted)
    for number, ((stored, split), value, score) in enumerate(zip(wanted, said, again, strict=True), 1):
        progress("verifying scores", number, len(wanted))
        if wrong := _score_fault(stored, split, value, score):
            faults.append(wrong)
            differing.add(stored.id)
    return Verified(files, len(scored - differing), tuple(faults))


def _stored(engine: sa.Engine, home: Path, entry: Mapping[str, Any]) -> tuple[Submission | None, str]:
    """Return a submission of the trail as it is stored, and what is wrong with its file."""
    try:
        with reading(engine) as connection:
            stored = get(connection, int(entry["id"]))
    except NotFound:
        return None, f"submission {entry['id']} is not in the database"
    return stored, _file_fault(home, stored, entry)


def _file_fault(home: Path, stored: Submission, entry: Mapping[str, Any]) -> str:
    path = home / stored.handed.path
    if not path.is_file():
        return f"the file of submission {stored.id} is missing: {path}"
    if sha256_of(path) != entry["sha256"]:
        return f"the file of submission {stored.id} was changed: {path}"
    return ""


def _splits(stored: Submission, entry: Mapping[str, Any]) -> list[Split]:
    """Return the splits of which the trail says a score that can be computed again."""
    # A task may average public scores over processes; what is scored again is the first one's answers.
    splits: tuple[Split, ...] = ("public", "private") if stored.handed.kind == "predictions" else ("private",)
    return [split for split in splits if entry.get(split) is not None]


def _score_fault(stored: Submission, split: Split, said: float, again: SplitScore | None) -> str:
    """Say how a score differs from the one of the trail; empty where it does not."""
    if again is not None and abs(again.value - said) <= _CLOSE * max(1.0, abs(said)):
        return ""
    value = "no value" if again is None else f"{again.value:.6f}"
    return f"submission {stored.id}: its {split} score is {value}, the trail says {said:.6f}"
