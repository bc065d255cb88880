"""The page of machines and the metrics show what is enrolled, what runs, and what canary runs found."""

from __future__ import annotations

import re

import pytest

from competitions.pages.visits import PEOPLE
from competitions.store import people
from machines.canary import CanaryHistory, CanaryRun
from machines.description import MachineDescription
from machines.enrolment import Enrolment
from machines.sightings import Sightings
from tests.competitions.conftest import Play, right
from tests.competitions.pages.conftest import Browsing

PAGE = f"{PEOPLE}/machines"
NORTH, SOUTH, STRANGER = "1" * 64, "2" * 64, "3" * 64
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? [0-9.e+-]+')


def machine(key: str) -> MachineDescription:
    return MachineDescription(
        public_key=key, profiles=("cpu",), code_version="0" * 16, hardware_class="abc123",
        cpu="Xeon", cores=4, memory_mb=16_000, isolation=1,
    )  # fmt: skip


def run(ratio_log: float) -> CanaryRun:
    return CanaryRun(
        public_key=NORTH, hardware_class="abc123", measured="cots", record="f" * 8,
        started="2026-03-01T00:00:00+00:00", log_mean=ratio_log, standard_error=None,
        degrees_of_freedom=None, margin=None,
    )  # fmt: skip


@pytest.fixture
def watched(play: Play) -> Play:
    """A home with an active, a quarantined and an unknown machine."""
    enrolment, sightings = Enrolment(play.home), Sightings(play.home)
    enrolment.enrol("north", NORTH)
    enrolment.enrol("south", SOUTH)
    enrolment.set_state("south", "quarantined", 'its "ratio"\n<drifted>')
    sightings.note(machine(NORTH), "mine: 3 of 8")
    sightings.note(machine(STRANGER))
    for log in (0.0, 0.0, 0.1):
        CanaryHistory(play.home).add(run(log))
    return play


def test_the_host_sees_state_class_work_beat_drift_and_log(watched: Play, browsing: Browsing) -> None:
    (watched.home / "competitions" / "worker.log").write_text("2026 submission 7: <b>lost</b>\n")
    page = browsing(people.new_token(watched.engine, watched.host)).get(PAGE)
    rows = [row.text for row in next(page.all("tbody")).all("tr")]
    assert [row.split()[0] for row in rows] == ["north", "south", "3" * 12]
    for part in ("active", "abc123", "cpu", "mine: 3 of 8", "ago", "1.105×", "+10.5 %"):
        assert part in rows[0]
    assert "quarantined" in rows[1] and 'its "ratio" <drifted>' in rows[1] and "never" in rows[1]
    assert f"machines enrol NAME {STRANGER}" in rows[2] and "code version" in rows[2]
    assert "submission 7: <b>lost</b>" in page.text
    assert not list(page.one("main").all("b"))


def test_others_see_no_machines(watched: Play, browsing: Browsing) -> None:
    watched.account("ann")
    assert "Only those who host" in browsing(watched.tokens["ann"]).get(PAGE, 403).text
    answer = browsing().client.get(PAGE, follow_redirects=False)
    assert answer.headers["location"].startswith(f"{PEOPLE}/sign-in")


def test_metrics_are_in_prometheus_format_and_tell_queue_and_machines(
    watched: Play, browsing: Browsing
) -> None:
    ann = watched.account("ann")
    watched.submit(ann, right(0.6))
    watched.judge_all()
    watched.submit(ann, right(0.7))
    answer = browsing().client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    families = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(families) == len(set(families)) == len([line for line in lines if line.startswith("# HELP ")])
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert {line.partition("{")[0].partition(" ")[0] for line in samples} <= set(families)
    for line in (
        'photofinish_submissions{state="queued"} 1',
        'photofinish_submissions{state="scored"} 1',
        'photofinish_queue_jobs{profile="predictions"} 1',
        'photofinish_attempts{outcome="scored"} 1',
        'photofinish_machine{machine="south",state="quarantined"} 1',
        'photofinish_machine_busy{machine="north"} 1',
    ):
        assert line in samples
    canary = 'photofinish_machine_canary_ratio{machine="north",class="abc123"} 1.105'
    assert any(line.startswith(canary) for line in samples)
    assert float(next(line for line in samples if "oldest" in line).split()[-1]) >= 0
