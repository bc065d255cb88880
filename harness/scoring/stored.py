"""The stored answers of one record as an item of work, which this machine or another one scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from harness.files import sha256_of
from harness.intake.lookup import find_task
from harness.portable import OwnFile, Shared
from harness.scoring.rescoring import rescore
from harness.spec import Places, Prepared, Query, Split, Task


@dataclass(frozen=True)
class AskedTask:
    """A task by its name or file, and the data it asks about; the task is read once for each ``batch``."""

    batch: str
    name: str
    data: Prepared


@dataclass(frozen=True)
class StoredAnswers:
    """The answers of one record, to score on one split; ``host_log`` gets traces of the task's own errors."""

    asked: AskedTask
    split: Split
    answers: OwnFile
    host_log: Path

    def shared(self) -> Shared:
        """Return the data, and the task's own file where it has one."""
        data: dict[str, Sequence[Path]] = {self._data: (self.asked.data.public.parent,)}
        return data | {self._task: (self._file,)} if self._task else data

    def packed(self) -> StoredAnswers:
        """Return them with the answers themselves."""
        return replace(self, answers=self.answers.packed())

    def at(self, home: Path, shared: Mapping[str, Path]) -> StoredAnswers:
        """Return them on a machine with this home, where ``shared`` has the folders of data and task."""
        data = self.asked.data
        folder = shared[self._data] / data.public.parent.name
        there = replace(data, public=folder / data.public.name, private=folder / data.private.name)
        name = str(shared[self._task] / self._file.name) if self._task else self.asked.name
        asked = replace(self.asked, name=name, data=there)
        return replace(self, asked=asked, host_log=Places.under(home).host_log)

    @property
    def _data(self) -> str:
        return f"data-{self.asked.data.sha256}"

    @property
    def _file(self) -> Path:
        return Path(self.asked.name)

    @property
    def _task(self) -> str:
        """The name under which the task's file travels; empty where the task is shipped."""
        return f"task-{sha256_of(self._file)}" if self._file.suffix == ".py" else ""


def score_stored(stored: StoredAnswers) -> bytes:
    """Score stored answers; returns ``Rescored`` as bytes, none where a unit of the split has no answer."""
    task, queries = _asked(stored.asked)
    with stored.answers.here() as answers:
        rescored = rescore(task, queries, answers.parent, stored.split, stored.host_log)
    return rescored.to_bytes() if rescored else b""


@lru_cache(maxsize=8)
def _asked(asked: AskedTask) -> tuple[Task, Sequence[Query]]:
    """Return the task and its queries, made once in each process for the records of a batch."""
    task = find_task(asked.name)
    return task, task.queries(asked.data)
