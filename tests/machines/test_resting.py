"""A machine that fails by a fault of its own gets no job after job to fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from machines import resting
from machines.description import MachineDescription
from machines.enrolment import Enrolment
from machines.ray_cluster import Node
from machines.resting import LONGEST_S, REST_S, Resting


def node(name: str, *profiles: str) -> Node:
    described = MachineDescription(
        public_key=name, profiles=profiles, code_version="", hardware_class="a", cpu="", cores=1,
        memory_mb=1, isolation=1,
    )  # fmt: skip
    return Node(name, described)


FULL, SOUND, SMALL = node("a" * 64, "cpu", "edge"), node("b" * 64, "cpu", "edge"), node("c" * 64, "cpu")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test sets."""
    now = [2e9]
    for name in ("time", "monotonic"):
        monkeypatch.setattr(resting.time, name, lambda: now[0])
    return now


@pytest.fixture
def rest(tmp_path: Path) -> Resting:
    enrolment = Enrolment(tmp_path)
    for each in (FULL, SOUND, SMALL):
        enrolment.enrol(each.machine.public_key[:1], each.machine.public_key)
    return Resting(enrolment)


@pytest.mark.parametrize(
    ("others", "rests_s"),
    [([SOUND], LONGEST_S), ([SMALL], REST_S), ([], REST_S)],
    ids=["all", "some", "none"],
)
def test_a_machine_rests_longer_where_others_offer_what_it_offers(
    clock: list[float], rest: Resting, others: list[Node], rests_s: float
) -> None:
    nodes = [FULL, *others]
    assert rest.rested(nodes) == nodes
    rest.note(FULL, "its disk is full")
    clock[0] += rests_s
    assert rest.rested(nodes) == others
    clock[0] += 1
    assert rest.rested(nodes) == nodes


def test_where_all_machines_failed_all_are_tried_again_after_a_minute(
    clock: list[float], rest: Resting
) -> None:
    nodes = [FULL, SOUND]
    for each in nodes:
        rest.note(each, "its disk is full")
    assert rest.rested(nodes) == []
    clock[0] += REST_S + 1
    assert rest.rested(nodes) == nodes
    rest.clear(SOUND)
    assert rest.rested(nodes) == [SOUND]


def test_a_machine_on_which_another_job_runs_is_the_last_that_gets_one(
    clock: list[float], rest: Resting
) -> None:
    busy = replace(FULL, idle=False)
    assert min([busy, SOUND, SMALL], key=rest.preference) == SOUND
    rest.pass_over(SOUND)
    assert min([busy, SOUND, SMALL], key=rest.preference) == SMALL
    clock[0] += 1
    rest.pass_over(SMALL)
    assert min([busy, SOUND, SMALL], key=rest.preference) == SOUND
