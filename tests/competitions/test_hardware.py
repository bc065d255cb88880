"""Boards compare times of one hardware class: its machines alone get the jobs, and prizes mix no classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from competitions.evaluation import worker
from competitions.evaluation.finishing import Scored, finish
from competitions.hosting import closing
from competitions.hosting.private_scores import SplitScore
from competitions.queue import leases
from competitions.queue.placing import place_again
from competitions.queue.submitting import allowance_of
from competitions.rules.feedback import PublicScore
from competitions.standings.board import public_board
from competitions.standings.shown import board_now
from competitions.store.database import writing
from competitions.store.hosted import Files
from competitions.store.submissions import Submission
from competitions.store.tables import ATTEMPTS, COMPETITIONS, JOBS
from harness.record import DataId, Isolation, Latency, Measure, Record, SubmissionId, ValidityResult
from harness.record.hardware import hardware_class
from leaderboards.boards.spec import BoardSpec
from tests.competitions.conftest import Play


def machine(cpu: str) -> Mapping[str, object]:
    return {"cpu": cpu, "architecture": "x86_64", "cores": 4, "memory_mb": 8590, "kernel": "6.1.0"}


OLD, NEW = (hardware_class(machine(cpu), 1) for cpu in ("old", "new"))
CPUS = {OLD: "old", NEW: "new"}


def scored(hardware: str, accuracy: float, ratio: float = 1.0) -> Scored:
    """A record of one class with its accuracy and its time over the reference's."""
    submission = SubmissionId(name="m", kind="python", sha256="a" * 64, size_bytes=9)
    record = Record(
        task="tiny",
        task_version=1,
        data=DataId(name="numbers", variant="mini", sha256="d" * 64),
        profile="cpu",
        scenario="single_stream",
        quick=False,
        submission=submission,
        status="ok",
        validity=ValidityResult(state="valid"),
        isolation=Isolation(level=1, name="bubblewrap", safe=True),
        metrics={"accuracy": Measure(value=accuracy, unit="share", goal="max")},
        latency=Latency(
            log_mean=float(np.log(ratio)), standard_error=0.001, degrees_of_freedom=7.0, margin=0.01
        ),
        machine=machine(CPUS[hardware]),
        seed=0,
        processes=8,
        started="2026-11-01T00:00:00+00:00",
        seconds=1.0,
    )
    return Scored(PublicScore(accuracy, None), "max", record.sealed().to_json(), hardware)


def does(play: Play, hardware: str, result: Scored) -> bool:
    """Let a machine of a class do the next job that it may have."""
    held = leases.claim(play.engine, f"w-{hardware}", profiles=("cpu", f"cpu@{hardware}"))
    assert held is not None
    return finish(play.engine, held, result)


def handed_in(play: Play, *names: str) -> list[Submission]:
    return [play.submit(play.account(name), f"# {name}", f"{name}.py") for name in names]


def declare(play: Play, hardware: str) -> None:
    """Name the class in the declaration, as a host does with an edited folder."""
    with writing(play.engine) as connection:
        stored = json.loads(connection.scalar(sa.select(COMPETITIONS.c.declaration)) or "")
        stored["task"]["hardware_class"] = hardware
        values = {"declaration": json.dumps(stored), "stamp": COMPETITIONS.c.stamp + 1}
        connection.execute(sa.update(COMPETITIONS).values(values))
        place_again(connection, play.slug)


def rank_by_time(play: Play) -> None:
    """Let the metric that ranks come from the run."""
    evaluation = json.loads(play.hosted.evaluation)
    spec = BoardSpec.from_json(evaluation["spec"])
    timed = replace(spec, prize=replace(spec.prize, clusters="processes"))
    assert (spec.timed, timed.timed) == (False, True)
    evaluation["spec"] = timed.to_json()
    with writing(play.engine) as connection:
        connection.execute(sa.update(COMPETITIONS).values(evaluation=json.dumps(evaluation)))


def test_the_first_record_settles_the_class_and_others_are_done_again_there(tiny: Play) -> None:
    ann, bob, _ = handed_in(tiny, "ann", "bob", "cid")
    first = leases.claim(tiny.engine, "one", profiles=("cpu", f"cpu@{OLD}"))
    second = leases.claim(tiny.engine, "two", profiles=("cpu", f"cpu@{NEW}"))
    assert first is not None
    assert second is not None
    assert finish(tiny.engine, first, scored(OLD, 0.5))
    assert tiny.hosted.hardware("cpu") == OLD
    assert not finish(tiny.engine, second, scored(NEW, 0.9))
    with tiny.engine.connect() as connection:
        outcomes = connection.scalars(sa.select(ATTEMPTS.c.outcome).order_by(ATTEMPTS.c.submission)).all()
        assert outcomes == ["scored", f"lost: evaluated on hardware class {NEW}, its board compares {OLD}"]
        waiting = sa.select(JOBS.c.profile).where(JOBS.c.state == "queued")
        assert connection.scalars(waiting).all() == [f"cpu@{OLD}"] * 2
    assert leases.claim(tiny.engine, "two", profiles=("cpu", f"cpu@{NEW}")) is None
    assert does(tiny, OLD, scored(OLD, 0.6))
    assert tiny.read(bob).progress.state == "scored"
    assert tiny.read(bob).public == 0.6
    assert allowance_of(tiny.engine, tiny.hosted, tiny.account_named("bob")).today == 1
    assert [(row.rank, row.name, row.reason) for row in tiny.board()] == [(1, "bob", ""), (2, "ann", "")]
    assert tiny.read(ann).public == 0.5


def test_a_late_report_of_a_lost_worker_settles_nothing(tiny: Play) -> None:
    handed_in(tiny, "ann")
    held = leases.claim(tiny.engine, "one")
    assert held is not None
    leases.lose(tiny.engine, held, "it was away")
    assert not finish(tiny.engine, held, scored(OLD, 0.5))
    assert tiny.hosted.hardware("cpu") == ""


def test_the_folder_of_a_record_that_is_not_stored_is_removed(
    tiny: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = handed_in(tiny, "ann")
    result = scored(OLD, 0.5)
    folders = [Files.of(tiny.home, tiny.slug).records / Record.model_validate_json(result.record).id]

    def judge(engine: sa.Engine, _home: Path, held: leases.Claim, *_: object) -> Scored:
        folders[0].mkdir(parents=True)
        if held.attempt == 1:
            leases.lose(engine, held, "it was away")
        return result

    monkeypatch.setattr(worker, "judge", judge)
    bench = worker.Bench(tiny.engine, tiny.home, "w")
    for state, kept in (("queued", []), ("scored", folders)):
        assert worker.work_once(bench)
        assert tiny.read(ann).progress.state == state
        assert [folder for folder in folders if folder.exists()] == kept


@pytest.mark.parametrize("timed", [False, True])
def test_records_of_a_class_that_the_host_left_keep_no_time(
    tiny: Play, monkeypatch: pytest.MonkeyPatch, *, timed: bool
) -> None:
    if timed:
        rank_by_time(tiny)
    handed_in(tiny, "ann", "bob")
    assert does(tiny, OLD, scored(OLD, 0.9, ratio=0.2))
    declare(tiny, NEW)
    assert leases.claim(tiny.engine, "one", profiles=("cpu", f"cpu@{OLD}")) is None
    assert does(tiny, NEW, scored(NEW, 0.9, ratio=0.8))
    why = f"timed on hardware class {OLD}; this board compares times of {NEW}"
    rows = {row.name: (row.rank, row.reason) for row in tiny.board()}
    assert rows == {"ann": (None if timed else 1, why), "bob": (1, "")}
    assert public_board(tiny.engine, tiny.hosted, "cpu").hardware == NEW
    tiny.end_it()
    monkeypatch.setattr(closing, "_private_scores", lambda *_: {1: SplitScore(0.9), 2: SplitScore(0.9)})
    (board,) = closing.close(tiny.engine, tiny.home, tiny.slug, tiny.host)
    won = {row.name: (row.rank, "Performance" in row.prizes) for row in board.rows}
    assert won == {"ann": (None if timed else 1, False), "bob": (1, True)}
    notes = {row.name: row.reason for row in board_now(tiny.engine, tiny.hosted, "cpu").rows}
    assert notes["ann"].endswith(why)
    assert why not in notes["bob"]


def test_where_time_ranks_a_teams_record_of_the_boards_class_counts_before_a_better_other(
    tiny: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    rank_by_time(tiny)
    ann = tiny.account("ann")
    made = [tiny.submit(ann, f"# {number}", "m.py").id for number in range(2)]
    assert does(tiny, OLD, scored(OLD, 0.9))
    declare(tiny, NEW)
    assert does(tiny, NEW, scored(NEW, 0.7))
    assert [(row.rank, row.submission, row.reason) for row in tiny.board()] == [(1, made[1], "")]
    tiny.end_it()
    scores = {made[0]: SplitScore(0.9), made[1]: SplitScore(0.7)}
    monkeypatch.setattr(closing, "_private_scores", lambda *_: scores)
    (board,) = closing.close(tiny.engine, tiny.home, tiny.slug, tiny.host)
    assert [(row.rank, row.submission) for row in board.rows] == [(1, made[1])]
