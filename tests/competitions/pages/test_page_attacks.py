"""Attacks on the pages: each is tried, and refused."""

from __future__ import annotations

import pytest

from competitions.api.identity import COOKIE
from competitions.evaluation.reports import Report, write_report
from competitions.pages.markdown import to_html
from competitions.pages.visits import PEOPLE
from competitions.rules.refusals import NotSignedIn
from competitions.store import people, teams
from competitions.store.hosted import Files
from tests.competitions.conftest import Play, right
from tests.competitions.pages.conftest import Browsing, Visitor
from tests.leaderboards.web.html import parse

COINS = "/competitions/coins"
HOSTILE_MARKDOWN = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt:alert(1))",
    "[here](java\tscript:alert(1))",
    "[here](&#106;avascript:alert(1))",
    "[here](data:text/html,<script>alert(1)</script>)",
    "[here](vbscript:x)",
    "[here](//evil.example)",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    '![x](x "onload=alert(1)")',
    '[a](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "[a]: javascript:alert(1)\n\n[a]",
    "<style>body{display:none}</style>",
    "<iframe src=https://evil.example></iframe>",
    "<form action=https://evil.example><input name=token></form>",
    "`<script>`\n\n```html onload=alert(1)\n</code><script>alert(1)</script>\n```",
    "# a\n<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "[" * 5000,
    "> " * 2000 + "x",
)


@pytest.mark.parametrize("text", HOSTILE_MARKDOWN)
def test_markdown_holds_nothing_that_runs_loads_or_leads_astray(text: str) -> None:
    tree = parse(str(to_html(text)))
    tags = {node.tag for node in tree.all()}
    assert tags <= {"p", "a", "h2", "code", "pre", "blockquote", "ul", "ol", "li", "em", "strong", "br"}
    for node in tree.all():
        assert set(node.attributes) <= {"href", "title", "rel", "class"}
    for link in tree.all("a"):
        assert link.attributes["href"].startswith(("https://a.example", "https://evil.example/pixel"))
        assert link.attributes["rel"] == "nofollow noopener noreferrer"


def test_markdown_shows_what_hosts_write() -> None:
    text = "# One\n\n## Two\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n<https://a.example>\n"
    tree = parse(str(to_html(text)))
    assert [node.text for node in (*tree.all("h2"), *tree.all("h3"))] == ["One", "Two"]
    assert tree.one("strong").text == "2"
    assert tree.one("a").attributes["href"] == "https://a.example"


def test_a_hosts_text_and_a_teams_name_are_text_on_every_page(play: Play, browsing: Browsing) -> None:
    for name in ("overview", "data", "rules"):
        (Files.of(play.home, "coins").pages / f"{name}.md").write_text("\n\n".join(HOSTILE_MARKDOWN[:-2]))
    ann = play.account("<b>ann</b>")
    teams.create(play.engine, "coins", ann, "<script>alert(1)</script> **x**")
    made = play.submit(ann, right(0.9))
    play.judge_all()
    visitor = browsing(play.tokens["<b>ann</b>"])
    host = browsing(people.new_token(play.engine, play.host))
    paths = [COINS, *(f"{COINS}/{tab}" for tab in ("data", "rules", "board", "submissions", "team"))]
    pages = [visitor.get(path) for path in (*paths, f"{COINS}/submissions/{made.id}")]
    for page in (*pages, host.get(f"{COINS}/host")):
        sources = [script.attributes.get("src", "") for script in page.all("script")]
        assert all(source.startswith(("/static/", "/competitions/-/static/")) for source in sources)
        assert not {"iframe", "style", "img", "meta"} & {node.tag for node in page.one("main").all()}
        assert not [node for node in page.all() if any(name.startswith("on") for name in node.attributes)]
    assert "<script>alert(1)</script> **x**" in visitor.get(f"{COINS}/board").one("tbody").text


def test_a_form_of_another_site_or_session_does_nothing(play: Play, browsing: Browsing) -> None:
    play.account("ann")
    play.account("bob")
    ann, bob = browsing(play.tokens["ann"]), browsing(play.tokens["bob"])
    team, own = f"{COINS}/team", ann.csrf
    for csrf, headers in (
        (own, {"origin": "https://evil.example"}),
        (own, {"origin": "null"}),
        (own, {"origin": "http://testserver.evil.example"}),
        (own, {"origin": "http://evil.example@testserver:80"}),
        (own, {}),
        ("", ann.headers),
        (bob.csrf, ann.headers),
        (own[:-1], ann.headers),
        ("ü", ann.headers),
    ):
        attacker = Visitor(ann.client, csrf, headers)
        attacker.post(team, 403, action="create", name="Stolen")
        attacker.post(f"{PEOPLE}/token", 403)
        attacker.post(f"{PEOPLE}/sign-out", 403)
    account = people.account_named(play.engine, "ann")
    assert account is not None
    assert teams.of_account(play.engine, "coins", account) is None
    assert people.by_token(play.engine, play.tokens["ann"]).name == "ann"
    ann.post(team, action="create", name="Mine")


def test_a_get_changes_nothing(play: Play, browsing: Browsing) -> None:
    made = play.submit(play.account("ann"), right(0.9))
    ann = browsing(play.tokens["ann"])
    for path in (
        f"{COINS}/submissions/{made.id}/cancel",
        f"{COINS}/submissions/{made.id}/final?selected=yes&csrf={ann.csrf}",
        f"{PEOPLE}/token",
        f"{PEOPLE}/sign-out",
    ):
        assert ann.client.get(path).status_code == 405
    assert play.read(made).progress.state == "queued"


@pytest.mark.parametrize("known", [True, False])
def test_a_session_that_was_planted_is_never_taken_over(play: Play, browsing: Browsing, known: bool) -> None:
    play.account("ann")
    play.account("mallory")
    planted = browsing(play.tokens["mallory"]).secret if known else "0" * 64
    csrf = people.by_session(play.engine, planted).csrf if known else ""
    ann = browsing()
    ann.client.cookies.set(COOKIE, planted)
    answer = ann.client.post(
        f"{PEOPLE}/sign-in",
        data={"token": play.tokens["ann"], "csrf": csrf},
        headers=ann.headers,
        follow_redirects=False,
    )
    cookie = answer.headers["set-cookie"]
    assert planted not in cookie
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    with pytest.raises(NotSignedIn):
        people.by_session(play.engine, planted)


def test_a_session_that_was_ended_is_worth_nothing(play: Play, browsing: Browsing) -> None:
    play.account("ann")
    ann = browsing(play.tokens["ann"])
    secret = ann.secret
    ann.post(f"{PEOPLE}/sign-out")
    ann.client.cookies.set(COOKIE, secret)
    assert ann.client.get(f"{PEOPLE}/account", follow_redirects=False).status_code == 303


def test_another_teams_submission_log_and_state_are_not_found(play: Play, browsing: Browsing) -> None:
    made = play.submit(play.account("ann"), right(0.9), "secret_idea.csv")
    play.judge_all()
    write_report(play.home, "coins", made.id, Report(passed=True, message="", log="my secret"))
    play.account("bob")
    bob, stranger = browsing(play.tokens["bob"]), browsing()
    base = f"{COINS}/submissions/{made.id}"
    bob.get(base, 404)
    for action in ("final", "cancel", "resubmit"):
        bob.post(f"{base}/{action}", 404, selected="yes")
        stranger.post(f"{base}/{action}", 401, selected="yes")
    for path in (f"{COINS}/submissions", f"{COINS}/submit", f"{COINS}/live", f"{COINS}/board"):
        assert "secret" not in bob.client.get(path).text
    bob.get(f"{COINS}/submissions/{2**70}", 404)
    assert stranger.client.get(f"{COINS}/live").status_code == 401
    bob.get(f"{COINS}/host", 403)
    bob.post(f"{COINS}/host/close", 403, sure="yes")
    bob.post(f"{COINS}/host/disqualify", 403, team="1", reason="mine")
    assert not play.read(made).final


def test_private_scores_are_nowhere_before_the_close(play: Play, browsing: Browsing) -> None:
    made = play.submit(play.account("ann"), right(0.9))
    play.judge_all()
    ann = browsing(play.tokens["ann"])
    for path in ("/board", "/board?public=1", "/submissions", f"/submissions/{made.id}"):
        assert "private score" not in ann.get(f"{COINS}{path}").one("main").text


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/competitions\\@evil",
        "javascript:alert(1)",
        "/competitions/../../x?y",
        "/competitions/coins\r\nset-cookie: a=b",
    ],
)
def test_the_sign_in_leads_nowhere_else(play: Play, browsing: Browsing, onward: str) -> None:
    play.account("ann")
    data = {"token": play.tokens["ann"], "next": onward}
    ann = browsing()
    answer = ann.client.post(f"{PEOPLE}/sign-in", data=data, headers=ann.headers, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/competitions")
    assert "evil" not in answer.headers["location"]


def test_tokens_cannot_be_tried_one_after_another(browsing: Browsing) -> None:
    visitor = browsing()
    statuses = []
    for number in range(30):
        data = {"token": f"{number:064x}"}
        statuses.append(
            visitor.client.post(f"{PEOPLE}/sign-in", data=data, headers=visitor.headers).status_code
        )
    assert set(statuses) == {401, 429}
    assert statuses[-1] == 429


def test_no_page_can_be_framed_sniffed_or_kept_by_a_cache(play: Play, browsing: Browsing) -> None:
    play.account("ann")
    ann = browsing(play.tokens["ann"])
    for path in (COINS, f"{COINS}/submissions", f"{PEOPLE}/account", f"{COINS}/nothing", f"{COINS}/live"):
        headers = ann.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert ann.client.get(f"{COINS}/submissions").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/competitions/..%2f..%2fetc",
        "/competitions/%00",
        "/competitions/Coins",
        "/competitions/-/static/..%2fvisits.py",
        "/competitions/coins/board?profile=..%2f",
        "/competitions/coins/board?page=99999999999999999999",
    ],
)
def test_guessed_addresses_lead_nowhere(browsing: Browsing, path: str) -> None:
    answer = browsing().client.get(path)
    assert answer.status_code == 404 or (answer.status_code == 200 and "page=99" in path)
    assert "def page" not in answer.text


def test_a_form_that_is_too_large_or_no_form_is_refused(browsing: Browsing) -> None:
    visitor = browsing()
    for body in (b"name=" + b"x" * 2_000_000, b"&".join(b"a=1" for _ in range(100)), b"name=\xff\xfe"):
        answer = visitor.client.post(f"{PEOPLE}/sign-up", content=body, headers=visitor.headers)
        assert answer.status_code in {400, 413}
