"""Security by attempt: each of these is tried over HTTP against a running server, and refused."""

from __future__ import annotations

import io
import socket
import zipfile
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa

from competitions.api.board_file import inert
from competitions.api.guards import MOST_BODY
from competitions.api.identity import COOKIE, CSRF_HEADER
from competitions.store import hosted, people
from competitions.store.database import writing
from competitions.store.tables import RESULTS
from tests.competitions.conftest import Hosting, Play, right
from tests.competitions.serving import serving

API = "/api/competitions"
WIRE = "/api/v1/competitions.CompetitionApiService"


def bearer(play: Play, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {play.tokens[name]}"}


def test_another_teams_submission_report_and_file_are_not_found(play: Play, http: httpx2.Client) -> None:
    ann, _ = play.account("ann"), play.account("bob")
    made = play.submit(ann, right(0.9))
    token = play.upload(ann, right(0.8))
    play.judge_all()
    mine, theirs = bearer(play, "ann"), bearer(play, "bob")
    path = f"{API}/coins/submissions/{made.id}"
    assert http.get(path, headers=mine).json()["state"] == "scored"
    for method, where, body in (
        ("GET", path, None),
        ("GET", f"{path}/report", None),
        ("POST", f"{path}/cancel", None),
        ("POST", f"{path}/resubmit", None),
        ("POST", f"{path}/final", {"selected": True}),
        ("POST", f"{API}/coins/submissions", {"token": token}),
        ("POST", f"{WIRE}/GetSubmission", {"ref": made.id}),
        ("POST", f"{WIRE}/CreateSubmission", {"competitionName": "coins", "blobFileTokens": token}),
    ):
        reply = http.request(method, where, headers=theirs, json=body)
        assert reply.status_code == 404, where
    assert http.get(f"{API}/coins/submissions", headers=theirs).json() == []
    assert http.get(path).status_code == 401


def test_scores_that_are_not_published_are_nowhere(hosting: Hosting) -> None:
    play = hosting(feedback="ladder")
    ann = play.account("ann")
    texts = [right(0.8), right(0.81, 4), right(0.82, 5)]
    made = [play.submit(ann, text) for text in texts]
    play.judge_all()
    with writing(play.engine) as connection:
        connection.execute(sa.update(RESULTS).values(private=None))
        exact = {row.submission: row.public for row in connection.execute(sa.select(RESULTS))}
    hidden = [f"{value:.6f}"[:7] for value in exact.values() if value != exact[made[0].id]]
    assert hidden
    with (
        serving(play.home) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        mine, body = bearer(play, "ann"), {"competitionName": "coins"}
        told = [
            http.get(f"{API}/coins/submissions", headers=mine),
            http.get(f"{API}/coins/board"),
            http.post(f"{WIRE}/ListSubmissions", headers=mine, json=body),
            http.post(f"{WIRE}/GetLeaderboard", headers=mine, json=body),
            http.get(f"{API}/coins/host/trail", headers=mine),
            http.get(f"{API}/coins/host/trail"),
        ]
    assert [reply.status_code for reply in told] == [200, 200, 200, 200, 403, 401]
    said = "".join(reply.text for reply in told)
    assert not [value for value in hidden if value in said]
    assert told[0].json()[0]["private"] is None


def test_wrong_tokens_are_slowed_down_and_right_ones_still_work(play: Play, http: httpx2.Client) -> None:
    play.account("ann")
    replies = [
        http.get(f"{API}/coins/submissions", headers={"Authorization": f"Bearer {n:064x}"}) for n in range(30)
    ]
    codes = [reply.status_code for reply in replies]
    assert codes[:20] == [403] * 20
    assert codes[-1] == 429
    assert int(replies[-1].headers["retry-after"]) >= 1
    for n in range(3):
        told = http.post("/api/v1/security.OAuthService/IntrospectToken", json={"token": f"{n:064x}"})
        assert told.status_code == 429


@pytest.mark.parametrize(
    "header", ["Basic !!!", "Basic YQ==", "Bearer", "Digest x", "Basic " + "A" * 5000, "Bearer \xff"]
)
def test_a_broken_authorization_header_is_refused(http: httpx2.Client, header: str) -> None:
    reply = http.get(f"{API}/coins/submissions", headers={"Authorization": header.encode("latin-1")})
    assert reply.status_code == 403


def test_a_session_changes_nothing_without_the_token_of_its_form(play: Play, http: httpx2.Client) -> None:
    play.account("ann", accepts=False)
    account, secret = people.open_session(play.engine, play.tokens["ann"])
    cookies = {"Cookie": f"{COOKIE}={secret}"}
    path = f"{API}/coins/acceptance"
    for more in ({}, {CSRF_HEADER: "0" * 32}, {"Origin": "http://evil.example"}):
        assert http.post(path, headers={**cookies, **more}).status_code == 403
    assert not hosted.has_accepted(play.engine, play.hosted, account)
    assert http.post(path, headers={**cookies, CSRF_HEADER: account.csrf}).status_code == 200
    assert hosted.has_accepted(play.engine, play.hosted, account)


def test_only_a_host_disqualifies_extends_and_closes(play: Play, http: httpx2.Client) -> None:
    ann = play.account("ann")
    play.submit(ann, right(0.5))
    play.judge_all()
    team = play.board()[0].team
    for path, body in (
        (f"teams/{team}/disqualification", {"reason": "no"}),
        ("extension", {"end": 4e9}),
        ("close", None),
    ):
        reply = http.post(f"{API}/coins/host/{path}", headers=bearer(play, "ann"), json=body)
        assert reply.status_code == 403
        assert "only a host" in reply.json()["message"]


@pytest.mark.parametrize(
    "name",
    [
        "../private/solution.csv", "..%2fprivate%2fsolution.csv", "/etc/passwd",
        "%2e%2e/private/solution.csv",
        "train.csv/../../private/solution.csv", "private/solution.csv", "solution.csv", "train.csv%00",
    ],
)  # fmt: skip
def test_no_path_leads_to_the_solution(play: Play, http: httpx2.Client, name: str) -> None:
    play.account("ann")
    body = {"competitionName": "coins", "fileName": name}
    assert http.post(f"{WIRE}/DownloadDataFile", headers=bearer(play, "ann"), json=body).status_code == 404
    files = http.get(f"{API}/coins/files", headers=bearer(play, "ann")).json()
    link = next(file["url"] for file in files if file["name"] == "train.csv")
    stolen = http.get(link.replace("train.csv", name))
    assert stolen.status_code in {400, 404}
    assert b"Private" not in stolen.content


def test_a_link_is_for_one_file_and_cannot_be_made_up(play: Play, http: httpx2.Client) -> None:
    play.account("ann")
    files = http.get(f"{API}/coins/files", headers=bearer(play, "ann")).json()
    link = next(file["url"] for file in files if file["name"] == "train.csv")
    assert http.get(link).status_code == 200
    for changed in (
        link.replace("train.csv", "sample_submission.csv"),
        link.replace("/download/", "/download/9"),
        link.replace("coins", "other"),
    ):
        assert http.get(changed).status_code == 404


def test_a_team_name_is_no_formula_in_the_boards_file(play: Play, http: httpx2.Client) -> None:
    name = '=HYPERLINK("http")'.replace(":", "")
    ann = play.account(name)
    play.submit(ann, right(0.9))
    play.judge_all()
    body = {"competitionName": "coins"}
    reply = http.post(f"{WIRE}/DownloadLeaderboard", headers=bearer(play, name), json=body)
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        line = archive.read("coins-publicleaderboard.csv").decode().splitlines()[1]
    assert line.startswith("1,1,\"'=HYPERLINK(")
    assert [inert(text) for text in ("+1", "-1", "@a", "\tx", "ann")] == ["'+1", "'-1", "'@a", "'\tx", "ann"]


def test_oversized_headers_and_bodies_are_refused(http: httpx2.Client, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(
            b"GET /api/competitions/ HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"a" * 200_000 + b"\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    large = b'{"competitionName": "' + b"a" * MOST_BODY + b'"}'
    assert http.post(f"{WIRE}/GetLeaderboard", content=large).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield large[:100_000]

    assert http.post(f"{WIRE}/GetLeaderboard", content=chunks()).status_code == 413
    for broken in (b"{", b"[]", b"[" * 100_000, b"\xff"):
        assert http.post(f"{WIRE}/GetLeaderboard", content=broken).status_code == 400
    for body in ({"competitionName": 3}, {"competitionName": "coins", "pageSize": "x"}):
        assert http.post(f"{WIRE}/GetLeaderboard", json=body).status_code == 400
    assert http.post("/api/v1/x/y", json={}).status_code == 404


def test_every_reply_forbids_what_pages_do_not_need(play: Play, http: httpx2.Client) -> None:
    for path in (f"{API}/", f"{API}/openapi.json", f"{API}/none"):
        headers = http.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_accounts_are_not_made_without_end(http: httpx2.Client) -> None:
    codes = [http.post(f"{API}/accounts", json={"name": f"bot {n}"}).status_code for n in range(25)]
    assert codes == [200] * 20 + [429] * 5
