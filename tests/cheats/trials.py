"""Rounds that look at more than answers: time of a training, memory, tables from home, verdicts, boards.

Each trial takes a cheat's file and returns the status, the message and what the cheat gained.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from commands.lookup import refuse_shipped_team
from datasets.clicks.disguise import Disguise
from datasets.clicks.schema import Category, Schema
from harness.intake.lookup import inspect
from harness.measurement.participant import Participant
from harness.measurement.run_plan import RunSetup, plan_run
from harness.measurement.schedule import shares
from harness.session.session import Session, TimedReply
from harness.session.settings import ExecutionSettings
from harness.spec import Prepared, ProcessOutcome, Query, Task
from harness.spec.errors import Status, SubmissionError, UserError
from leaderboards.ranking import rank
from tests.cheats import duel
from tests.cheats.rounds import LIMITS, rounds, trained
from tests.leaderboards.ranking.test_tiers import around, entry

if TYPE_CHECKING:
    from harness.spec import Array

Result = tuple[Status, str, set[str]]
ROOMY = replace(LIMITS, memory_mb=1024, disk_mb=256)
TABLE = Schema((), tuple(Category(f"c{place}", 50) for place in range(6)), 400)
HOME = np.random.default_rng(7).normal(size=(6, 50))
"""What was learnt at home of the ids of TABLE: their weights, exactly."""
COPIES = 200


def training(path: Path, settings: ExecutionSettings, labels: Sequence[int]) -> Result:
    """Compare the seconds that count as training with the CPU time of the work that was done."""
    try:
        done, right = training_of(path, settings, labels)
    except SubmissionError as error:
        return error.status, str(error), set()
    counted, (_, needed) = done.training_s(lambda _: "block"), trained()
    gained = {"training time"} if right and counted < 0.6 * needed else set()
    return "ok", f"{counted:.3f} s for work of {needed:.3f} s", gained


def training_of(
    path: Path, settings: ExecutionSettings, labels: Sequence[int]
) -> tuple[ProcessOutcome, bool]:
    """Return what a process did, and whether all its answers are those of a trained model."""
    task = rounds(labels)["training"]
    data = Prepared("numbers", "mini", "0" * 64, settings.public, settings.public)
    setup = RunSetup(task, data, settings.profile, settings.backend, settings.public / "host.log", seed=1)
    submission = inspect(path, LIMITS, settings.public / "entries")
    run_plan = replace(plan_run(setup, submission, submission), settings=settings)
    queries, answers = run_plan.queries, dict[int, Any]()
    share = shares(queries, 1, 1, task.interaction)[0]
    with run_plan.open_session() as session:

        def keep(request: Sequence[int], timed: TimedReply) -> None:
            (answers[request[0]],) = session.answers(timed, 1)

        side = Participant(session, run_plan, keep)
        side.begin(share)
        session.freeze()
        requests = [[index] for index in share.timed]
        times = side.turn(requests, [side.load(request) for request in requests])
    seconds = {name: phase.seconds for name, phase in side.phases.items()}
    asked = [(index, ns / 1e9) for index, ns in zip(share.timed, times, strict=True)]
    right = all(answers[index] == queries[index].truth for index in share.timed)
    return ProcessOutcome(answers, seconds, asked), right


def memory(path: Path, settings: ExecutionSettings, labels: Sequence[int]) -> Result:
    """Ask what the peak of memory was while the cheat held more than it wants to be seen holding."""
    roomy = replace(settings, limits=ROOMY)
    submission = inspect(path, ROOMY, settings.public / "entries")
    with Session(roomy, submission, seed=1) as session:
        try:
            session.start()
            session.load()
            session.begin_memory_peak()
            before = session.memory_peak_mb() or 0.0
            session.build()
            session.ask(np.int64(0))
            grown = (session.memory_peak_mb() or 0.0) - before
        except SubmissionError as error:
            return error.status, str(error), set()
        session.close()
        said = re.search(r"held (\d+) MB", session.log_text())
    held = int(said[1]) if said else 0
    gained = {"memory unseen"} if grown < 0.9 * held else set()
    return "ok", f"held {held} MB, {grown:.0f} MB seen", gained


def table(path: Path, settings: ExecutionSettings, labels: Sequence[int]) -> Result:
    """Ask for labels that a table of every id's weight gives away, under the names of one run."""
    drawn = Disguise.drawn(TABLE, np.random.default_rng(secrets.randbits(128)))
    return labelled(path, settings, lambda ids: drawn.rows(np.zeros((0, 400), np.float32), ids)[1])


def labelled(path: Path, settings: ExecutionSettings, shown: Callable[[Array], Array]) -> Result:
    """Ask for the labels of rows whose ids (6, 400) are ``shown`` under other names."""
    ids = np.random.default_rng(8).integers(0, 50, (6, 400)).astype(np.int32)
    truth = HOME[np.arange(6)[:, None], ids].sum(axis=0) > 0
    answers = _answers(path, settings, [{"categorical": shown(ids).T.copy()}])
    right = float(np.mean((np.asarray(answers[0]) > 0) == truth))
    return "ok", f"{right:.0%} right", {"labels"} if right > 0.75 else set()


def verdict(path: Path, settings: ExecutionSettings, labels: Sequence[int]) -> Result:
    """Fight twice, the private labels changed in between: nothing that is told may differ."""
    task = rounds(labels)["verdict"]
    told = [duel.fight(path, settings, one)[:2] for one in (task, _with_other_private_labels(task))]
    return told[0][0], told[0][1], {"private labels"} if told[0] != told[1] else set()


def _with_other_private_labels(task: Task) -> Task:
    def queries(prepared: Prepared) -> list[Query]:
        return [
            replace(query, truth=(query.truth + 1) % 8) if query.split == "private" else query
            for query in task.queries(prepared)
        ]

    return replace(task, queries=queries)


def copies(path: Path, settings: ExecutionSettings, labels: Sequence[int]) -> Result:
    """Put copies of an entry on a board with a rival that is ahead of it alone."""
    ahead, own = entry("rival", around(0.926, 1)), around(0.9, 2)
    asked = [{"scores": own, "copy": np.int64(number)} for number in range(COPIES)]
    made: list[Array] = [np.asarray(answer) for answer in _answers(path, settings, asked)]
    board = rank([ahead, *(entry(f"copy{number:03}", scores) for number, scores in enumerate(made))], "max")
    shared = [one.rank for one in board[:2]] != [1, 2]
    return "ok", f"{len(made)} copies", {"shared rank"} if shared else set()


def _answers(path: Path, settings: ExecutionSettings, asked: Sequence[Any]) -> list[Any]:
    """Build one model and ask it everything."""
    submission = inspect(path, LIMITS, settings.public / "entries")
    with Session(settings, submission, seed=1) as session:
        session.start()
        session.load()
        session.build()
        return [session.answers(session.ask(x))[0] for x in asked]


def team(name: str) -> Result:
    """Ask for a team's name."""
    try:
        refuse_shipped_team(name)
    except UserError as error:
        return "invalid", str(error), set()
    return "ok", name, {"name"}


TRIALS: Mapping[str, Callable[[Path, ExecutionSettings, Sequence[int]], Result]] = {
    "training": training,
    "memory": memory,
    "table": table,
    "verdict": verdict,
    "copies": copies,
}
"""Every trial by the name of its round."""
