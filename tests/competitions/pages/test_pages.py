"""What the pages show, and what their forms do."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from competitions.evaluation.reports import Report, write_report
from competitions.pages import live
from competitions.pages.visits import PEOPLE
from competitions.store import people
from competitions.store.submissions import of_account
from tests.competitions.conftest import Hosting, Play, right
from tests.competitions.pages.conftest import Browsing, Visitor

COINS = "/competitions/coins"
TABS = ("", "/data", "/rules", "/board", "/submit", "/submissions", "/team")


@pytest.fixture
def ann(play: Play, browsing: Browsing) -> Visitor:
    play.account("ann")
    return browsing(play.tokens["ann"])


def test_everybody_sees_the_list_the_texts_and_the_board(play: Play, browsing: Browsing) -> None:
    play.submit(play.account("bob"), right(0.9))
    play.judge_all()
    visitor = browsing()
    assert "Guess the coins" in visitor.get("/competitions").one("main").text
    assert "First prize" in visitor.get(COINS).text
    board = visitor.get(f"{COINS}/board").one("tbody").text
    assert board.split()[:2] == ["1", "bob"]
    assert "Sign in" in visitor.get(f"{COINS}/data").one("main").text
    assert not [link for link in visitor.get(f"{COINS}/data").all("a") if "download" in link.attributes]


@pytest.mark.parametrize("tab", ["/submit", "/submissions", "/team", "/host", "/submissions/1"])
def test_what_is_for_members_leads_a_stranger_to_the_sign_in(browsing: Browsing, tab: str) -> None:
    answer = browsing().client.get(f"{COINS}{tab}", follow_redirects=False)
    assert answer.status_code == 303
    assert unquote(answer.headers["location"]) == f"{PEOPLE}/sign-in?next={COINS}{tab}"


def test_a_new_user_signs_up_accepts_and_reads_the_data(play: Play, browsing: Browsing) -> None:
    visitor = browsing()
    page = visitor.post(f"{PEOPLE}/sign-up", 200, name="Zoë", next=f"{COINS}/rules")
    assert page is not None
    token = page.one("code", id="token").text
    assert people.by_token(play.engine, token).name == "Zoë"
    saved = {link.attributes["download"]: link.attributes["href"] for link in page.all("a", kind="button")}
    kaggle = unquote(saved["kaggle.json"].partition(",")[2])
    assert json.loads(kaggle) == {"username": "Zoë", "key": token}
    assert unquote(saved["access_token"].partition(",")[2]) == token

    assert "accept" in visitor.get(f"{COINS}/submit").one("main").text.lower()
    form = visitor.get(f"{COINS}/rules").one("form", kind="stack-form")
    fields = {field.attributes["name"]: field.attributes["value"] for field in form.all("input")}
    assert visitor.post(f"{COINS}/rules", **fields) is None
    links = [link for link in visitor.get(f"{COINS}/data").all("a") if "download" in link.attributes]
    assert [link.text for link in links] == ["coins.zip", "sample_submission.csv", "train.csv"]
    assert visitor.client.get(links[2].attributes["href"]).text == "id,side\n-1,0\n"


def test_a_failure_is_told_with_its_log_and_costs_nothing(play: Play, ann: Visitor) -> None:
    account = people.account_named(play.engine, "ann")
    assert account is not None
    made = play.submit(account, "id,side\n0,1\n", "short.csv")
    play.judge_all()
    report = Report(passed=False, message="rows are missing", log="\x1b[31mTraceback\u202e <b>x</b>\nline 2")
    write_report(play.home, "coins", made.id, report)
    row = ann.get(f"{COINS}/submissions").one("tr", data_submission=str(made.id)).text
    assert "failed" in row
    assert "no attempt was used" in row
    page = ann.get(f"{COINS}/submissions/{made.id}")
    assert "rows are missing" in page.one("p", kind="bad").text
    assert page.one("pre", kind="log").text == "[31mTraceback <b>x</b> line 2"
    assert "0 of 5 used today" in ann.get(f"{COINS}/submit").one("main").text


def test_finals_cancel_and_resubmit_by_their_buttons(play: Play, ann: Visitor) -> None:
    account = people.account_named(play.engine, "ann")
    assert account is not None
    first = play.submit(account, right(0.9))
    play.judge_all()
    ann.post(f"{COINS}/submissions/{first.id}/final", selected="yes")
    assert play.read(first).final
    ann.post(f"{COINS}/submissions/{first.id}/final", selected="no")
    assert not play.read(first).final
    ann.post(f"{COINS}/submissions/{first.id}/resubmit")
    newest = of_account(play.engine, play.hosted, account)[0]
    assert newest.id != first.id
    ann.post(f"{COINS}/submissions/{newest.id}/cancel")
    assert play.read(newest).progress.state == "cancelled"
    refused = ann.post(f"{COINS}/submissions/{newest.id}/cancel", 403)
    assert refused is not None
    assert "only a submission that waits" in refused.one("main").text


def test_teams_are_made_invited_and_merged_by_their_forms(play: Play, browsing: Browsing) -> None:
    visitors = {}
    for name in ("ann", "bob", "cem"):
        play.account(name)
        visitors[name] = browsing(play.tokens[name])
    team = f"{COINS}/team"
    visitors["ann"].post(team, action="create", name="Reef")
    visitors["ann"].post(team, action="invite", name="bob")
    form = visitors["bob"].get(team).one("form", kind="row-actions").attributes["action"]
    visitors["cem"].post(form, 404, accept="yes")
    visitors["bob"].post(form, accept="yes")
    assert [one.text for one in visitors["bob"].get(team).one("ul", kind="plain-list").all("bdi")] == [
        "ann",
        "bob",
    ]
    visitors["bob"].post(team, 403, action="rename", name="Mine")
    visitors["cem"].post(team, action="create", name="Kelp")
    visitors["ann"].post(team, action="merge", name="Kelp")
    form = visitors["cem"].get(team).one("form", kind="row-actions").attributes["action"]
    visitors["cem"].post(form, accept="yes")
    visitors["ann"].post(team, action="rename", name="Coral")
    page = visitors["cem"].get(team)
    assert [one.text for one in page.one("ul", kind="plain-list").all("bdi")] == ["ann", "bob", "cem"]
    assert "Coral" in page.text
    visitors["ann"].post(team, 400, action="nonsense", name="x")


def test_a_host_disqualifies_extends_and_closes(play: Play, browsing: Browsing) -> None:
    teams = {}
    for name, share in (("ann", 0.9), ("bob", 0.7)):
        teams[name] = play.submit(play.account(name), right(share)).entered.team
    play.judge_all()
    host = browsing(people.new_token(play.engine, play.host))
    path = f"{COINS}/host"
    assert "scored 2" in host.get(path).one("div", kind="tiles").text
    host.post(f"{path}/disqualify", 400, team=str(teams["ann"]), reason=" ")
    host.post(f"{path}/disqualify", team=str(teams["ann"]), reason="shared code")
    assert "ann" not in host.get(f"{COINS}/board").one("tbody").text
    assert "shared code" in browsing(play.tokens["ann"]).get(COINS).one("p", kind="bad").text
    host.post(f"{path}/disqualify", team=str(teams["ann"]), reinstate="yes")
    host.post(f"{path}/extend", 400, end="tomorrow")
    host.post(f"{path}/extend", 400, end="2001-01-01T00:00")
    host.post(f"{path}/extend", end="2031-01-01T00:00")
    assert "2031-01-01 00:00 UTC" in host.get(COINS).text
    host.post(f"{path}/close", 403, sure="yes")
    play.end_it()
    host.post(f"{path}/close", 400)
    host.post(f"{path}/close", sure="yes")
    board = host.get(f"{COINS}/board")
    assert "Final board" in board.text
    assert "First prize" in board.one("tbody").text
    assert "Public board" in host.get(f"{COINS}/board?public=1").text
    assert "private score" in browsing(play.tokens["bob"]).get(f"{COINS}/submissions").text
    browsing(play.tokens["bob"]).get(path, 403)


def test_every_page_is_whole_with_one_heading_and_no_inline_code(play: Play, ann: Visitor) -> None:
    account = people.account_named(play.engine, "ann")
    assert account is not None
    made = play.submit(account, right(0.9))
    play.judge_all()
    places = ["/competitions", *(f"{COINS}{tab}" for tab in TABS), f"{COINS}/submissions/{made.id}"]
    for path in (*places, f"{PEOPLE}/account", f"{PEOPLE}/sign-in", f"{PEOPLE}/sign-up"):
        page = ann.get(path)
        assert len(list(page.all("h1"))) == 1, path
        ids = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
        assert len(ids) == len(set(ids)), path
        assert not [node for node in page.all() if "style" in node.attributes]
        assert all(script.attributes["src"].startswith("/") for script in page.all("script")), path
        assert all("csrf" in form.text or list(form.all("input", name="csrf"))
                   for form in page.all("form", method="post")), path  # fmt: skip


def test_states_are_told_as_events_until_all_have_ended(play: Play, ann: Visitor) -> None:
    account = people.account_named(play.engine, "ann")
    assert account is not None
    made = play.submit(account, right(0.9))
    play.judge_all()
    answer = ann.client.get(f"{COINS}/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part for part in answer.text.split("\n\n") if part]
    assert json.loads(events[1].removeprefix("data: ")) == [{"id": made.id, "state": "scored", "stage": ""}]
    assert events[-1].startswith("event: done")


def test_an_account_has_a_few_streams_at_most(
    ann: Visitor, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.account_named(play.engine, "ann")
    assert account is not None
    monkeypatch.setitem(live._open, account.id, live._MOST_STREAMS)
    assert ann.client.get(f"{COINS}/live").status_code == 429


def test_boards_pages_lead_to_competitions_where_they_are_served(play: Play, browsing: Browsing) -> None:
    from starlette.testclient import TestClient

    from leaderboards.web.app import create_app

    visitor = browsing()
    for path, status in (("/", 200), ("/compare", 200), ("/nothing", 404)):
        links = [link.attributes["href"] for link in visitor.get(path, status).all("a")]
        assert "/competitions" in links, path
    alone = Visitor(TestClient(create_app(play.home)))
    assert "/competitions" not in [link.attributes["href"] for link in alone.get("/").all("a")]


def test_the_page_says_how_scores_are_shown(hosting: Hosting) -> None:
    from starlette.testclient import TestClient

    from competitions.api.site import create_site
    from competitions.pages.routes import ROUTES

    play = hosting(feedback="ladder")
    page = Visitor(TestClient(create_site(play.home, ROUTES))).get(COINS)
    assert "a ladder: a new score is shown only where it is significantly better" in page.text
