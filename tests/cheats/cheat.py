"""One cheat as read from its file, without running any of it, and one attempt with it."""

from __future__ import annotations

import ast
import itertools
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from harness.spec import PROFILES, Environment, Query, Task
from harness.spec.errors import Status, SubmissionError
from tests.cheats import duel, packing, trials
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
    declared: dict[str, Any] = {}
    for node in tree.body:
        name = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(name, ast.Name) and name.id in DECLARED:
            declared[name.id] = ast.literal_eval(node.value)
    seen = (ast.get_docstring(tree) or "").splitlines()[0]
    ends = frozenset(declared["ENDS"].split(" or "))
    return Cheat(
        path.stem,
        path,
        seen,
        declared["WANTS"],
        ends,
        declared.get("ROUND", "numbers"),
        declared.get("PACKED", ""),
        declared.get("MEMBERS", {}),
    )


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended and what it gained."""

    status: Status
    message: str
    gains: Collection[str]

    @property
    def ended(self) -> str:
        """The status, or "worthless"."""
        return "worthless" if self.status == "ok" else self.status


@dataclass
class _ProcessRun:
    """What one process did, as far as it came."""

    answers: dict[int, Arrays]
    ns: dict[int, int]
    status: Status = "ok"
    message: str = ""
    used_mb: float = 0.0
    disk_mb: float = 0.0
    processes: int = 0
    timers: int = 0
    log: int = 0
    said: str = ""


def new_mark() -> str:
    """A name for one attempt, by which its traces are known."""
    return f"mark{os.getpid()}x{next(_marks)}x"


def attempt(
    cheat: Cheat, backend: Backend, host: Host, environment: Environment | None = None, mark: str = ""
) -> Outcome:
    """Let a cheat run in a backend, in an environment of its own if given, and find out what it gained."""
    if cheat.round == "name":
        return Outcome(*trials.team(str(cheat.members["team"])))
    mark = mark or new_mark()
    if cheat.round in trials.TRIALS:
        settings = ExecutionSettings(backend, PROFILES["cpu"], LIMITS, host.folder / "public", {})
        return Outcome(*trials.TRIALS[cheat.round](cheat.path, settings, host.labels))
    task = rounds(host.labels)[cheat.round]
    queries = task.queries(None)  # type: ignore[arg-type]
    params = host.params(mark)
    settings = ExecutionSettings(backend, PROFILES["cpu"], LIMITS, host.folder / "public", params)
    if cheat.round in {"duel", "lessons"}:
        status, message, gained = duel.fight(cheat.path, settings, task)
        return Outcome(status, message, frozenset(gained))
    grown = processes.private_bytes(os.getpid())
    run = _run(packing.handed_in(cheat, host, mark), settings, task, queries, environment)
    grown = processes.private_bytes(os.getpid()) - grown
    gains = {*host.gains(mark), *_from_answers(cheat, task, queries, run)}
    if grown > 64 * MB:
        gains.add("harness memory")
    if run.log > LOG_BYTES:
        gains.add("log")
    if f"seen {mark}" in run.said:
        gains.add("machine seen")
    if len(run.message) > 1000 or not run.message.isprintable():
        gains.add("loud message")
    gains |= set(_beyond(run)) if run.status == "ok" else set()
    return Outcome(run.status, run.message, frozenset(gains))


def _run(
    path: Path,
    settings: ExecutionSettings,
    task: Task,
    queries: Sequence[Query],
    environment: Environment | None,
) -> _ProcessRun:
    run = _ProcessRun({}, {})
    try:
        entry = inspect(path, LIMITS, settings.public.parent / "home" / "entries")
        submission = replace(entry, environment=environment)
    except SubmissionError as error:
        run.status, run.message = error.status, str(error)
        return run
    with Session(settings, submission, seed=1) as session:
        try:
            session.start()
            session.load()
            session.build()
            for index, query in enumerate(queries):
                timed = session.ask(query.load())
                run.answers[index] = task.answer.check(session.answers(timed)[0], query)
                run.ns[index] = timed.ns
            time.sleep(0.02)  # whoever works on after the last answer is seen doing it
            tree = session.tree()
            run.processes = len(tree)
            run.timers = sum(map(_timers, tree))
            files = session._workdir.rglob("*")
            run.disk_mb = sum(file.lstat().st_blocks * 512 + 4096 for file in files) / MB
            run.used_mb = sum(map(processes.shared_out_bytes, tree)) / MB
        except SubmissionError as error:
            run.status, run.message = error.status, str(error)
        session.close()
        run.said = session.log_text()
        run.log = len(run.said)
    return run


def _beyond(run: _ProcessRun) -> Iterator[str]:
    """What it had more of than it may have, at the end."""
    if run.used_mb > 1.25 * LIMITS.memory_mb:
        yield "memory"
    if run.disk_mb > 1.5 * LIMITS.disk_mb:
        yield "disk"
    if run.processes > LIMITS.processes:
        yield "processes"
    if run.timers:
        yield "timers"


def _timers(pid: int) -> int:
    """How many of a process's descriptors are timers, which go on while it is frozen."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(link.readlink()) == "anon_inode:[timerfd]" for link in links)


def _from_answers(cheat: Cheat, task: Task, queries: Sequence[Query], run: _ProcessRun) -> Iterator[str]:
    """What the answers that counted brought: the labels, a better score, or time."""
    if run.status != "ok":
        return
    scores = score(task, queries, [run.answers], "public")
    best = max(measure.value or 0 for measure in scores.metrics.values())
    if any(measure.value is None for measure in scores.metrics.values()):
        yield "no score"
    if best > FAIR[cheat.round] + 0.25:
        yield "score"
    turned = [replace(query, truth=_other(query)) for query in queries]
    if score(task, turned, [run.answers], "public").metrics != scores.metrics:
        yield "private labels"
    if cheat.round != "numbers":
        return
    right = {index for index, query in enumerate(queries) if run.answers[index] == query.truth}
    worked = {index for index, query in enumerate(queries) if _asks_for_work(query)}
    hidden = set(range(len(queries))) - worked
    if len(right & hidden) > len(hidden) / 2:
        yield "labels"
    if worked <= right:
        spent = sum(run.ns[index] for index in worked) / 1e9
        if spent < 0.5 * HONEST_S * len(worked):
            yield "time"


def _other(query: Query) -> Any:
    """A private unit's opposite label; a public unit's own."""
    return 1 - query.truth if query.split == "private" else query.truth


def _asks_for_work(query: Query) -> bool:
    x = query.load()
    return isinstance(x, Mapping) and int(x["index"]) < 0
