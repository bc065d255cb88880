"""Requests that are not what they seem: forged content types, smuggled bodies, addresses of other servers."""

from __future__ import annotations

import json
import re
import socket

import httpx2
import pytest

from competitions.api.identity import COOKIE
from competitions.store import hosted, people
from competitions.store.hosted import public_files
from tests.competitions.conftest import Play, right

API = "/api/competitions"
WIRE = "/api/v1/competitions.CompetitionApiService"


def raw(port: int, request: bytes) -> list[str]:
    """Send bytes and return the status of every reply until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(request)
        told = b""
        try:
            while data := connection.recv(65536):
                told += data
        except TimeoutError:
            pass
    return re.findall(r"HTTP/1\.1 (\d{3})", told.decode("latin-1"))


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
def test_a_form_elsewhere_cannot_act_with_a_session(play: Play, http: httpx2.Client, kind: str) -> None:
    play.account("ann", accepts=False)
    account, secret = people.open_session(play.engine, play.tokens["ann"])
    headers = {"Cookie": f"{COOKIE}={secret}", "Content-Type": kind, "Origin": "http://evil.example"}
    body = json.dumps({"competitionName": "coins", "fileName": "a.csv", "contentLength": 9, "name": "x"})
    for path in (f"{API}/coins/acceptance", f"{API}/coins/team", f"{API}/coins/uploads",
                 f"{WIRE}/StartSubmissionUpload", f"{WIRE}/CreateSubmission", f"{WIRE}/ListSubmissions",
                 "/api/v1/competitions/submissions/submit/coins"):  # fmt: skip
        assert http.post(path, content=body, headers=headers).status_code in {400, 401, 403, 422}, path
    assert not hosted.has_accepted(play.engine, play.hosted, account)
    assert http.get("/api/v1/competitions/submissions/list/coins", headers=headers).status_code == 401


def test_a_session_is_no_token_and_a_token_no_session(play: Play, http: httpx2.Client) -> None:
    play.account("ann")
    _, secret = people.open_session(play.engine, play.tokens["ann"])
    path = f"{API}/coins/submissions"
    assert http.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert http.get(path, headers={"Cookie": f"{COOKIE}={play.tokens['ann']}"}).status_code == 401
    for cookie in (f"{COOKIE}=", f"{COOKIE}={'0' * 64}", f"{COOKIE}=%00; {COOKIE}={secret[:-1]}"):
        assert http.get(path, headers={"Cookie": cookie}).status_code == 401


def test_no_address_makes_the_server_ask_another(play: Play, port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inner:
        inner.settimeout(0.2)
        where = f"127.0.0.1:{inner.getsockname()[1]}".encode()
        for request in (
            b"GET http://" + where + b"/secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"CONNECT " + where + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"GET http://" + where + b"/api/competitions/coins HTTP/1.1\r\nHost: " + where
            + b"\r\nConnection: close\r\nX-Forwarded-Host: " + where + b"\r\n\r\n",
        ):  # fmt: skip
            assert raw(port, request)
        with pytest.raises(TimeoutError):
            inner.accept()


PUT = b"POST /api/competitions/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SECOND = b"GET /api/competitions/ HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "smuggled",
    [
        PUT + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
        PUT + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SECOND,
        PUT + b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + SECOND,
        PUT + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SECOND,
        PUT + b"Content-Length: +0\r\n\r\n" + SECOND,
        PUT + b"Content-Length: 0\r\nX: a\rb\r\n\r\n" + SECOND,
        b"GET /api/competitions/ HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n" + SECOND,
    ],
)
def test_a_request_whose_end_is_in_doubt_is_refused_and_nothing_follows(port: int, smuggled: bytes) -> None:
    assert raw(port, smuggled) == ["400"]


@pytest.mark.parametrize(
    "name",
    [
        "a\0.csv",
        "..\\..\\solution.csv\0",
        "a\u2044b.csv",
        "\uff0e\uff0e\uff0fa.csv",
        "a\u202ecsv.b",
        "con\n",
        ".",
    ],
)
def test_a_name_of_an_upload_is_plain(play: Play, http: httpx2.Client, name: str) -> None:
    play.account("ann")
    headers = {"Authorization": f"Bearer {play.tokens['ann']}"}
    new = {"file_name": name, "bytes": 10}
    assert http.post(f"{API}/coins/uploads", headers=headers, json=new).status_code == 400
    body = {"competitionName": "coins", "fileName": name, "contentLength": 10}
    assert http.post(f"{WIRE}/StartSubmissionUpload", headers=headers, json=body).status_code == 400
    assert http.post(f"{WIRE}/DownloadDataFile", headers=headers, json=body).status_code == 404


def test_no_size_of_a_page_or_condition_tells_more(play: Play, http: httpx2.Client) -> None:
    for name, share in (("ann", 0.9), ("bob", 0.6)):
        play.submit(play.account(name), right(share))
    play.judge_all()
    whole = http.get(f"{API}/coins/board?limit=1000").json()
    assert whole["total"] == 2
    for query in ("limit=0", "limit=-1", "limit=100000", "offset=-1", "offset=1e3", f"limit={10**30}"):
        assert http.get(f"{API}/coins/board?{query}").status_code == 422, query
    for query in ("sort=private", "order=private", "private=1", "profile=", "public=0"):
        assert http.get(f"{API}/coins/board?{query}").json() == whole, query
    mine = {"Authorization": f"Bearer {play.tokens['bob']}"}
    for size in (0, 1, 10**6):
        body = {"competitionName": "coins", "pageSize": size}
        listed = http.post(f"{WIRE}/ListSubmissions", headers=mine, json=body).json()["submissions"]
        assert [one["privateScore"] for one in listed] == [""]
    page = http.get("/competitions/coins/board?sort=private")
    assert page.text == http.get("/competitions/coins/board").text
    assert "etag" not in page.headers
    assert set(public_files(play.home, "coins")) == {"sample_submission.csv", "train.csv"}
