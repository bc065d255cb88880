"""Code and models: evaluated on the competition's task, by the same requests as every other evaluation."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from competitions.evaluation.reports import PhaseReport, Report
from competitions.rules.competition import TaskChallenge
from competitions.rules.feedback import PublicScore
from competitions.store.hosted import Files
from harness.evaluate import Evaluation
from harness.fanning import Fan, fanned
from harness.files import sha256_of
from harness.intake.lookup import find_profile, find_submission, find_task
from harness.intake.request import (
    EvaluationRequest,
    RequestedData,
    RequestedSubmission,
    RequestedTask,
    RunOptions,
)
from harness.intake.requested import with_rules
from harness.intake.sealing import sealed_key
from harness.record import Record
from harness.spec import DataRequest, Places, Progress, Task, no_progress
from harness.spec.dataset import key_hash
from harness.spec.errors import UnknownName, UserError
from leaderboards.boards.records import contender_of
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import BootstrapDraws
from machines.executor import Evaluator

_OWN_LINE = re.compile(r"\(([\w.-]{1,100}), line (\d{1,7})\)$")
_KINDS = {
    "invalid": "it is no valid submission, or an answer was not valid",
    "failed": "it raised an error or its process ended",
    "timeout": "it took longer than the task allows",
    "out_of_memory": "it went beyond the memory cap",
}


class TaskEvaluation(BaseModel):
    """How submissions to a task are evaluated: the hidden ``data``, and the public ones of ``rehearsal``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    task_sha256: str | None
    data: RequestedData
    rehearsal: RequestedData
    reference: RequestedSubmission
    spec: str


@dataclass(frozen=True)
class Arena:
    """Where submissions of one competition are evaluated."""

    home: Path
    slug: str
    challenge: TaskChallenge
    evaluation: TaskEvaluation

    def places(self, *, hidden: bool) -> Places:
        """Return the folders of an evaluation; public data and the host's log are shared by the home."""
        files, common = Files.of(self.home, self.slug), Places.under(self.home)
        own = files.folder
        data = own / "data" if hidden else common.data
        records = files.records if hidden else own / "rehearsals"
        return replace(common, data=data, records=records, entries=own / "entries")

    @property
    def spec(self) -> BoardSpec:
        """How its boards are ranked."""
        return BoardSpec.from_json(self.evaluation.spec)

    @property
    def task_name(self) -> str:
        """The name of the task, or the path of its file."""
        return str(_task_file(self.home, self.slug, self.challenge) or self.challenge.task)

    def task(self) -> Task:
        """Find the task."""
        return find_competition_task(self.home, self.slug, self.challenge)


def find_competition_task(home: Path, slug: str, challenge: TaskChallenge) -> Task:
    """Find a shipped task, or that of the competition's own file, with the competition's rules."""
    file = _task_file(home, slug, challenge)
    return with_rules(find_task(str(file) if file else challenge.task), challenge.environments)


def _task_file(home: Path, slug: str, challenge: TaskChallenge) -> Path | None:
    is_file = challenge.task.endswith(".py")
    return Files.of(home, slug).private / challenge.task if is_file else None


def prepare(
    home: Path, slug: str, challenge: TaskChallenge, progress: Progress, fan: Fan = fanned
) -> TaskEvaluation:
    """Make the hidden and the public data, and say how submissions are evaluated on them.

    Raises UserError where the task, its data, a profile or the reference are not here.
    """
    file = _task_file(home, slug, challenge)
    task = find_competition_task(home, slug, challenge)
    variants = list(task.dataset.variants)
    variant = challenge.data or variants[0]
    if variant not in variants:
        raise UnknownName("data variant", variant, variants)
    for profile in challenge.profiles:
        find_profile(task, profile)
    own, common = Files.of(home, slug).folder, Places.under(home)
    key = sealed_key(own / "data", f"{task.dataset.name}-{variant}") if challenge.sealed else None
    hidden = task.dataset.prepare(DataRequest(variant, own / "data", None, key or 0, progress, fan))
    public = task.dataset.prepare(DataRequest(variants[0], common.data, None, 0, progress, fan))
    if key is not None and hidden.sha256 == public.sha256:
        raise UserError(
            f"the data {variant!r} of {task.name} do not come from a key; choose data that are generated, "
            "or say 'sealed = false'"
        )
    reference = find_submission(task, task.execution.reference, replace(common, entries=own / "entries"))
    return TaskEvaluation(
        version=task.version,
        task_sha256=sha256_of(file) if file else None,
        data=RequestedData(
            name=hidden.name,
            variant=hidden.variant,
            sha256=hidden.sha256,
            key_sha256=None if key is None else key_hash(key),
        ),
        rehearsal=RequestedData(name=public.name, variant=public.variant, sha256=public.sha256),
        reference=RequestedSubmission(
            name=reference.name, kind=reference.kind, sha256=reference.sha256, team=""
        ),
        spec=BoardSpec.of(task).to_json(),
    )


def run(
    arena: Arena, profile: str, path: Path, team: str, evaluator: Evaluator, *, hidden: bool
) -> Evaluation:
    """Evaluate one submission on the hidden data, or rehearse it on the public ones."""
    task, challenge = arena.task(), arena.challenge
    places, file = arena.places(hidden=hidden), _task_file(arena.home, arena.slug, challenge)
    entry = find_submission(task, str(path), places, team)
    request = EvaluationRequest(
        task=RequestedTask(
            name=task.name,
            version=arena.evaluation.version,
            file=file,
            sha256=arena.evaluation.task_sha256,
            environments=challenge.environments,
        ),
        data=arena.evaluation.data if hidden else arena.evaluation.rehearsal,
        submission=RequestedSubmission(
            name=entry.name, team=team, kind=entry.kind, sha256=entry.sha256, path=path
        ),
        reference=arena.evaluation.reference,
        run=RunOptions(
            profile=profile,
            scenario=task.execution.scenario,
            quick=challenge.quick or not hidden,
        ),
    )
    return evaluator(request, places, no_progress)


def report_of(rehearsal: Evaluation) -> Report:
    """Tell the author everything about a rehearsal."""
    record, log = rehearsal.record, rehearsal.folder / "log.txt"
    phases = tuple(
        PhaseReport(name, phase.seconds, phase.memory_peak_mb) for name, phase in record.phases.items()
    )
    return Report(record.status == "ok", record.message, log.read_text("utf-8", "replace"), phases)


def hidden_failure(record: Record) -> str:
    """Say what failed on hidden data: the kind, and the submission's own line; no word of its messages."""
    own = _OWN_LINE.search(record.message)
    where = f", at {own[1]}, line {own[2]}" if own else ""
    return f"{_KINDS.get(record.status, record.status)}{where}"


def public_score(evaluation: Evaluation, spec: BoardSpec) -> PublicScore | None:
    """Return the public score of a record with its bootstrap draws; None where it has no value."""
    draws = draws_of(evaluation.folder, spec)
    contender = contender_of(evaluation.record, spec, draws)
    if contender.value is None:
        return None
    return PublicScore(contender.value, draws)


def draws_of(folder: Path, spec: BoardSpec) -> BootstrapDraws | None:
    """Return the bootstrap draws of the public split that a record kept."""
    path = folder / "bootstrap.npz"
    return BootstrapDraws.of(path.read_bytes() if path.is_file() else None, spec.metric.name)
