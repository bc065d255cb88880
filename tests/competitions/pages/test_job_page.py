"""A job while it runs: its host sees stage and log, in pages and in the terminal; its team no line of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from commands import job_log
from competitions.api.site import create_site
from competitions.evaluation.attempts import attempt_log
from competitions.evaluation.finishing import Failed, finish
from competitions.evaluation.telling import TimeLeft, telling
from competitions.evaluation.worker import Bench, work_once
from competitions.pages.routes import ROUTES
from competitions.queue import leases
from competitions.store import people
from harness.evaluate import Evaluation
from harness.intake.request import EvaluationRequest
from harness.session.live_log import LiveLog
from harness.spec import Places, Progress
from harness.spec.errors import InvalidSubmission, UserError
from machines.description import describe
from machines.enrolment import Enrolment
from machines.executor import Evaluator
from machines.sightings import Sightings
from tests.competitions.conftest import Play
from tests.competitions.pages.conftest import Visitor

HIDDEN = "the hidden label is 3"
PRINTED = f"{HIDDEN} <script>alert(1)</script> \x1b[2J\u202e é".encode()[:-1]  # cut in the middle of é


class Printing:
    """An executor whose evaluations print, and then are refused."""

    def free_profiles(self) -> tuple[str, ...]:
        return ("cpu",)

    @contextmanager
    def reserved(self, _profile: str, _stop: threading.Event | None = None) -> Iterator[Evaluator]:
        yield prints


def prints(_request: EvaluationRequest, places: Places, progress: Progress) -> Evaluation:
    log = LiveLog(places.live_log)
    log.add(PRINTED)
    log.add(b"\n")
    progress("mine", 1, 8)
    raise InvalidSubmission("no")


@pytest.fixture
def open_page(tiny: Play) -> Callable[[str], Visitor]:
    site = create_site(tiny.home, ROUTES)

    def open_(token: str) -> Visitor:
        visitor = Visitor(TestClient(site))
        visitor.sign_in(token)
        return visitor

    return open_


def test_the_host_sees_the_log_of_each_attempt_and_the_team_none(
    tiny: Play, open_page: Callable[[str], Visitor]
) -> None:
    made = tiny.submit(tiny.account("ann"), "# mine", "mine.py")
    assert work_once(Bench(tiny.engine, tiny.home, "w<1>", executor=Printing()))
    path = f"/competitions/tiny/host/submissions/{made.id}"
    host = open_page(people.new_token(tiny.engine, tiny.host))
    page = host.get(path)
    (log,) = page.one("main").all("pre")
    assert "--- rehearsal on public examples, worker w<1>" in log.text
    assert f"{HIDDEN} <script>alert(1)</script> [2J �" in log.text
    assert not list(page.one("main").all("script"))
    assert "Attempt 1: failed: rehearsal" in page.text
    told = host.client.get(f"{path}/live").text
    sizes = json.loads(told.partition("data: ")[2].partition("\n")[0])[0]["logs"]
    assert sizes == [attempt_log(tiny.home, "tiny", made.id, 1).stat().st_size]
    assert "event: done" in told
    ann = open_page(tiny.tokens["ann"])
    for theirs in (path, f"{path}/live"):
        assert HIDDEN not in ann.client.get(theirs).text
        assert ann.client.get(theirs).status_code == 403
    assert HIDDEN not in ann.get(f"/competitions/tiny/submissions/{made.id}").text
    assert host.client.get(path.replace(str(made.id), "99")).status_code == 404


def test_a_team_is_told_stage_counts_and_time_left_and_nothing_that_progress_says(
    tiny: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tiny.submit(tiny.account("ann"), "# mine", "mine.py")
    held = leases.claim(tiny.engine, "w")
    assert held is not None
    now = iter((0.0, 0.0, 10.0))
    clock = SimpleNamespace(monotonic=lambda: next(now))
    monkeypatch.setattr("competitions.evaluation.telling.time", clock)

    def far(_request: EvaluationRequest, _places: Places, progress: Progress) -> Evaluation:
        progress(HIDDEN, 0, 400)
        progress(HIDDEN, 100, 400)
        raise InvalidSubmission("no")

    with pytest.raises(InvalidSubmission):
        telling(tiny.engine, tiny.home, held, "evaluation on hidden data", far)(
            None,
            Places.under(tiny.home),
            print,  # type: ignore[arg-type]
        )
    assert tiny.read(made).progress.stage == "evaluation on hidden data (100 of 400, about 30 s left)"


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((("a", 0, 0.0), ("a", 10, 10.0)), ", about 2 min left"),
        ((("a", 0, 0.0), ("a", 10, 1.0)), ""),
        ((("a", 0, 0.0), ("a", 90, 9.0), ("b", 0, 9.0), ("b", 50, 19.0)), ", about 10 s left"),
        ((("a", 50, 0.0), ("a", 50, 99.0)), ""),
        ((("a", 50, 0.0), ("a", 10, 99.0)), ""),
        ((("a", 0, 0.0), ("a", 100, 50.0)), ", about 0 s left"),
    ],
)
def test_time_left_is_told_at_the_pace_of_what_runs(
    steps: tuple[tuple[str, int, float], ...], words: str
) -> None:
    left, said = TimeLeft(0.0), ""
    for what, done, now in steps:
        said = left.words(what, done, 100, now)
    assert said == words


@pytest.fixture
def terminal(tiny: Play, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(tiny.home))
    monkeypatch.setattr(job_log, "_EVERY_S", 0.01)
    return tiny


def test_the_terminal_follows_a_job_over_its_attempts_until_it_ends(
    terminal: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    made = terminal.submit(terminal.account("ann"), "# mine", "mine.py")
    follower = threading.Thread(target=job_log.log, args=(str(made.id),))
    follower.start()
    for number, cause in ((1, "the node died"), (2, "")):
        held = leases.claim(terminal.engine, "w")
        assert held is not None
        LiveLog(attempt_log(terminal.home, "tiny", made.id, number)).add(PRINTED)
        if cause:
            leases.lose(terminal.engine, held, cause)
        else:
            assert finish(terminal.engine, held, Failed("theirs", "no"))
    follower.join(20)
    assert not follower.is_alive()
    said = capsys.readouterr()
    assert said.out.count(HIDDEN) == 2
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    assert "attempt 1: lost: the node died" in said.err
    assert f"submission {made.id}: failed" in said.err


def test_ctrl_c_leaves_a_log_and_a_machine_leads_to_what_it_runs(
    terminal: Play, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = terminal.submit(terminal.account("ann"), "# mine", "mine.py")
    assert leases.claim(terminal.engine, "w") is not None
    log = attempt_log(terminal.home, "tiny", made.id, 1)
    LiveLog(log).say("machine north")
    key = "1" * 64
    Enrolment(terminal.home).enrol("north", key)
    with pytest.raises(UserError, match="no submission runs on 'north'"):
        job_log.log("north")
    with pytest.raises(UserError, match="no machine 'south'"):
        job_log.log("south")
    Sightings(terminal.home).note(describe(key, ("cpu",)), "mine: 1 of 8", log)

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("commands.job_log.time", SimpleNamespace(sleep=interrupt))
    job_log.log("north")
    assert capsys.readouterr().out == "--- machine north\n"
