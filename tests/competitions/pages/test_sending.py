"""A file sent by a form, as browsers without scripts do, and forms that are no such thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from competitions.pages import sending
from competitions.pages.multipart import Part, boundary_of, parts
from competitions.rules.refusals import Refused
from competitions.store.hosted import Files
from tests.competitions.conftest import Play, right
from tests.competitions.pages.conftest import ORIGIN, Browsing, Visitor

SEND = "/competitions/upload/form/coins"
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\n'
    b"id\r\n--y\r\n--\r\n\r\n--x--\r\n"
)


def send(visitor: Visitor, text: str, name: str = "mine.csv", **fields: str) -> int:
    data = {"csrf": visitor.csrf, "description": "by a form", **fields}
    files = {"file": (name, text.encode(), "text/csv")}
    answer = visitor.client.post(
        SEND, data=data, files=files, headers=visitor.headers, follow_redirects=False
    )
    return answer.status_code


def left(play: Play) -> list[str]:
    return [path.name for path in Files.of(play.home, play.slug).uploads.rglob(".*")]


def test_a_file_is_handed_in_without_scripts(play: Play, browsing: Browsing) -> None:
    play.account("ann")
    ann = browsing(play.tokens["ann"])
    form = next(ann.get("/competitions/coins/submit").all("form", id="submit"))
    assert (form.attributes["action"], form.attributes["enctype"]) == (SEND, "multipart/form-data")
    assert send(ann, right(0.9)) == 303
    play.judge_all()
    page = ann.get("/competitions/coins/submissions").text
    assert "by a form" in page
    assert "scored" in page
    assert not left(play)


def test_a_sent_form_of_somebody_else_or_too_large_is_refused(play: Play, browsing: Browsing) -> None:
    play.account("ann")
    play.account("new", accepts=False)
    ann, new = browsing(play.tokens["ann"]), browsing(play.tokens["new"])
    assert send(ann, right(0.5), csrf="0" * 32) == 403
    assert send(browsing(), right(0.5)) == 401
    assert send(new, right(0.5)) == 403
    assert send(ann, "x" * 100_000_001) == 413
    assert send(ann, right(0.5), description="x" * 5000) == 413
    assert send(ann, right(0.5), name="../../../solution.csv") == 303  # the name alone is kept
    assert send(ann, right(0.5), name="a\0b.csv") == 400
    account = play.account_named("ann")
    with sending._one_of_few(account), sending._one_of_few(account):
        assert send(ann, right(0.5)) == 429
    ann.headers = {"origin": "http://evil.example"}
    assert send(ann, right(0.5)) == 403
    form = FORM.replace(b'"a"', b'"csrf"').replace(b"one", ann.csrf.encode())
    for body in (form[:-6], b"", b"--x\r\n\r\n", b"--x--", FORM.replace(b"form-data", b"attachment")):
        kind = {"content-type": "multipart/form-data; boundary=x", "origin": ORIGIN}
        assert ann.client.post(SEND, content=body, headers=kind).status_code == 400
    play.judge_all()
    assert [row.entries for row in play.board()] == [1]
    assert not left(play)


async def read(pieces: list[bytes]) -> list[Part | bytes]:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    joined: list[Part | bytes] = []
    async for one in parts(chunks(), b"x"):
        if isinstance(one, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += one
        else:
            joined.append(one)
    return joined


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_form_reads_the_same_however_it_is_cut(size: int) -> None:
    pieces = [FORM[at : at + size] for at in range(0, len(FORM), size)]
    assert asyncio.run(read(pieces)) == [
        Part("a", None), b"one", Part("file", "f.csv"), b"id\r\n--y\r\n--\r\n"
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_what_is_no_form_with_a_file_is_refused(kind: str) -> None:
    with pytest.raises(Refused):
        boundary_of(kind)
