"""One cheat as read from its file, without running any of it, and one attempt with it."""

from __future__ import annotations

import ast
import itertools
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.intake.lookup import inspect
from harness.sandbox import processes
from harness.sandbox.policy import Backend
from harness.scoring.scores import score
from harness.session.log import LOG_BYTES
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Query, Task
from harness.spec.errors import Status, SubmissionError
from tests.cheats import duel, packing
from tests.cheats.host_under_attack import Host
from tests.cheats.rounds import FAIR, HONEST_S, LIMITS, rounds

if TYPE_CHECKING:
    from harness.spec import Arrays

ZOO = Path(__file__).parent / "zoo"
DECLARED = {"WANTS", "ENDS", "ROUND", "PACKED", "MEMBERS"}
MB = 1_000_000
_marks = itertools.count()


@dataclass(frozen=True)
class Cheat:
    """``wants`` is the gain it is after; ``ends`` how it ends inside walls.

    ``ends`` is "worthless" (it runs through and gains nothing) or the status of its record; several,
    where backends differ, are divided by " or ". ``packed`` says that it is handed in as a folder or an
    archive with ``members`` beside it: text, a number of zeros, or the name of a kind of odd file.
    """

    name: str
    path: Path
    seen: str
    wants: str
    ends: frozenset[str]
    round: str = "numbers"
    packed: str = ""
    members: Mapping[str, str | int | tuple[str]] = field(default_factory=dict)


def cheats() -> list[Cheat]:
    """The whole zoo, by name."""
    return [read(path) for path in sorted(ZOO.glob("*.py"))]


def read(path: Path) -> Cheat:
    """Read a cheat's own declarations."""
    tree = ast.parse(path.read_text())
    said: dict[str, Any] = {}
    for node in tree.body:
        name = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(name, ast.Name) and name.id in DECLARED:
            said[name.id] = ast.literal_eval(node.value)
    seen = (ast.get_docstring(tree) or "").splitlines()[0]
    ends = frozenset(said["ENDS"].split(" or "))
    return Cheat(
        path.stem,
        path,
        seen,
        said["WANTS"],
        ends,
        said.get("ROUND", "numbers"),
        said.get("PACKED", ""),
        said.get("MEMBERS", {}),
    )


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended and what it gained."""

    status: Status
    message: str
    gains: frozenset[str]

    @property
    def ended(self) -> str:
        """The status, or "worthless"."""
        return "worthless" if self.status == "ok" else self.status


@dataclass
class _Course:
    """What one process did, as far as it came."""

    answers: dict[int, Arrays]
    ns: dict[int, int]
    status: Status = "ok"
    message: str = ""
    used_mb: float = 0.0
    disk_mb: float = 0.0
    processes: int = 0
    log: int = 0


def attempt(cheat: Cheat, backend: Backend, host: Host) -> Outcome:
    """Let a cheat run in a backend and find out what it gained."""
    mark = f"mark{os.getpid()}x{next(_marks)}x"
    task = rounds(host.labels)[cheat.round]
    queries = task.queries(None)  # type: ignore[arg-type]
    told = host.told(mark)
    settings = ExecutionSettings(backend, PROFILES["cpu"], LIMITS, host.folder / "public", told)
    if cheat.round == "duel":
        status, message, gained = duel.fight(cheat.path, settings, task)
        return Outcome(status, message, frozenset(gained))
    grown = processes.private_bytes(os.getpid())
    course = _run(packing.handed_in(cheat, host, mark), settings, task, queries)
    grown = processes.private_bytes(os.getpid()) - grown
    gains = {*host.gains(mark), *_from_answers(cheat, task, queries, course)}
    if grown > 64 * MB:
        gains.add("harness memory")
    if course.log > LOG_BYTES:
        gains.add("log")
    if len(course.message) > 1000 or not course.message.isprintable():
        gains.add("loud message")
    gains |= set(_beyond(course)) if course.status == "ok" else set()
    return Outcome(course.status, course.message, frozenset(gains))


def _run(path: Path, settings: ExecutionSettings, task: Task, queries: Sequence[Query]) -> _Course:
    course = _Course({}, {})
    try:
        submission = inspect(path, LIMITS)
    except SubmissionError as error:
        course.status, course.message = error.status, str(error)
        return course
    with Session(settings, submission, seed=1) as session:
        try:
            session.start()
            session.load()
            session.build()
            for index, query in enumerate(queries):
                timed = session.ask(query.load())
                course.answers[index] = task.answer.check(session.answers(timed)[0], query)
                course.ns[index] = timed.ns
            time.sleep(0.02)  # whoever works on after the last answer is seen doing it
            tree = session.tree()
            course.processes = len(tree)
            files = session._workdir.rglob("*")
            course.disk_mb = sum(file.lstat().st_blocks * 512 + 4096 for file in files) / MB
            course.used_mb = sum(map(processes.shared_out_bytes, tree)) / MB
        except SubmissionError as error:
            course.status, course.message = error.status, str(error)
        session.close()
        course.log = len(session.log_text())
    return course


def _beyond(course: _Course) -> Iterator[str]:
    """What it had more of than it may have, at the end."""
    if course.used_mb > 1.25 * LIMITS.memory_mb:
        yield "memory"
    if course.disk_mb > 1.5 * LIMITS.disk_mb:
        yield "disk"
    if course.processes > LIMITS.processes:
        yield "processes"


def _from_answers(cheat: Cheat, task: Task, queries: Sequence[Query], course: _Course) -> Iterator[str]:
    """What the answers that counted brought: the labels, a better score, or time."""
    if course.status != "ok":
        return
    scores = score(task, queries, [course.answers], "public")
    best = max(measure.value or 0 for measure in scores.metrics.values())
    if any(measure.value is None for measure in scores.metrics.values()):
        yield "no score"
    if best > FAIR[cheat.round] + 0.25:
        yield "score"
    turned = [replace(query, truth=_other(query)) for query in queries]
    if score(task, turned, [course.answers], "public").metrics != scores.metrics:
        yield "private labels"
    if cheat.round != "numbers":
        return
    right = {index for index, query in enumerate(queries) if course.answers[index] == query.truth}
    worked = {index for index, query in enumerate(queries) if _asks_for_work(query)}
    hidden = set(range(len(queries))) - worked
    if len(right & hidden) > len(hidden) / 2:
        yield "labels"
    if worked <= right:
        spent = sum(course.ns[index] for index in worked) / 1e9
        if spent < 0.5 * HONEST_S * len(worked):
            yield "time"


def _other(query: Query) -> Any:
    """A private unit's opposite label; a public unit's own."""
    return 1 - query.truth if query.split == "private" else query.truth


def _asks_for_work(query: Query) -> bool:
    x = query.load()
    return isinstance(x, Mapping) and int(x["index"]) < 0
