"""Stored answers scored again: the private split at the close, or by a newer metric."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commands.home import places
from commands.lookup import record_folders, same_data

if TYPE_CHECKING:
    from harness.fanning import Fan
    from harness.record import Record
    from harness.scoring.rescoring import Rescored
    from harness.scoring.stored import StoredAnswers
    from harness.spec import Prepared, Progress, Split


def stored_answers(
    typed: str, source: Path | None, records: Sequence[Record], split: Split, progress: Progress
) -> list[StoredAnswers]:
    """Return the answers of some records, with their data; ``source`` has those of one's own.

    Raises UserError where the data here are others.
    """
    from harness.intake.lookup import find_task
    from harness.portable import OwnFile
    from harness.scoring.stored import AskedTask, StoredAnswers

    task, folders, batch = find_task(typed), record_folders(), secrets.token_hex(8)
    data: dict[str, Prepared] = {}
    stored = []
    for record in records:
        sha256 = record.data.sha256
        data[sha256] = data.get(sha256) or same_data(task, record, source, progress)
        answers = OwnFile(folders[record.id] / "answers.npz")
        stored.append(StoredAnswers(AskedTask(batch, typed, data[sha256]), split, answers, places().host_log))
    return stored


def rescored(
    stored: Sequence[StoredAnswers], fan: Fan, what: str, progress: Progress
) -> Iterator[Rescored | None]:
    """Yield the scores of each record in order, None where a unit of the split has no answer.

    ``what`` names the work in the progress.
    """
    from harness.scoring.rescoring import Rescored
    from harness.scoring.stored import score_stored

    for number, result in enumerate(fan(score_stored, stored)):
        progress(what, number + 1, len(stored))
        yield Rescored.of_bytes(result) if result else None
