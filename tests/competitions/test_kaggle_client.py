"""The real ``kaggle`` client in its own process, against our server."""

from __future__ import annotations

import socket
import time
import zipfile
from pathlib import Path

import httpx2
import pytest
from kaggle.api.kaggle_api_extended import KaggleApi, ResumableUploadResult

from competitions.queue.uploads import announce, find_upload, partial, received
from tests.competitions.conftest import Play, right
from tests.competitions.serving import Kaggle, person


@pytest.fixture
def ann(play: Play, port: int, tmp_path: Path) -> Kaggle:
    play.account("ann")
    return person(port, tmp_path / "ann", "ann", play.tokens["ann"])


@pytest.mark.slow
def test_a_person_takes_part_with_the_official_client(
    play: Play, ann: Kaggle, port: int, tmp_path: Path
) -> None:
    assert "coins" in ann("list")
    assert "sample_submission.csv" in ann("files", "coins")
    ann("download", "coins")
    with zipfile.ZipFile(ann.folder / "coins.zip") as archive:
        assert set(archive.namelist()) == {"sample_submission.csv", "train.csv"}
    (ann.folder / "good.csv").write_text(right(0.9))
    (ann.folder / "bad.csv").write_text(right(0.6, 1))
    for name in ("bad", "good"):
        told = ann("submit", "coins", "-f", f"{name}.csv", "-m", f"the {name} one")
        assert "Successfully submitted to Guess the coins" in told
    assert "PENDING" in ann("submissions", "coins")
    play.judge_all()
    told = ann("submissions", "coins")
    assert "the good one" in told
    assert told.count("COMPLETE") == 2
    bob = person(port, tmp_path / "bob", "bob", "")
    play.account("bob")
    (bob.folder / "mine.csv").write_text(right(0.5))
    token = {"KAGGLE_API_TOKEN": play.tokens["bob"]}
    (bob.folder / ".kaggle" / "kaggle.json").unlink()
    assert "Successfully" in bob("submit", "coins", "-f", "mine.csv", "-m", "x", **token)
    play.judge_all()
    best, other = play.board()
    board = ann("leaderboard", "coins", "--show")
    assert (best.name, other.name) == ("ann", "bob")
    assert board.index("ann") < board.index("bob")
    assert f"{best.score:.5f}" in board
    ann("leaderboard", "coins", "--download")
    with zipfile.ZipFile(ann.folder / "coins.zip") as archive:
        lines = archive.read("coins-publicleaderboard.csv").decode().splitlines()
    assert len(lines) == 3
    assert "Remaining today: 3" in ann("submission-limits", "coins")


def test_an_upload_that_broke_off_is_resumed(
    play: Play, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = play.account("ann")
    text = right(0.9, rows=200).encode()
    token = announce(play.engine, play.hosted, account, "mine.csv", len(text))
    with socket.create_connection(("127.0.0.1", port)) as raw:
        head = f"PUT /competitions/upload/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n\r\n"
        raw.sendall(head.encode() + text[:700])
        upload = find_upload(play.engine, play.home, token)
        for _ in range(200):
            if received(upload) == 700:
                break
            time.sleep(0.01)
    assert received(upload) == 700
    assert partial(upload).is_file()
    file = tmp_path / "mine.csv"
    file.write_bytes(text)
    url = f"http://127.0.0.1:{port}/competitions/upload/{token}"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert KaggleApi().upload_complete(str(file), url, True, resume=True) == ResumableUploadResult.COMPLETE
    assert upload.path.read_bytes() == text


def test_a_download_that_broke_off_is_resumed(play: Play, ann: Kaggle, port: int) -> None:
    whole = play.home / "competitions" / "coins" / "public" / "train.csv"
    ann("download", "coins", "-f", "train.csv")
    assert (ann.folder / "train.csv").read_bytes() == whole.read_bytes()
    headers = {"Authorization": f"Bearer {play.tokens['ann']}"}
    listed = httpx2.get(f"http://127.0.0.1:{port}/api/competitions/coins/files", headers=headers).json()
    url = next(file["url"] for file in listed if file["name"] == "train.csv")
    first = httpx2.get(f"http://127.0.0.1:{port}{url}")
    validator = {"Range": "bytes=5-", "If-Range": first.headers["etag"]}
    rest = httpx2.get(f"http://127.0.0.1:{port}{url}", headers=validator)
    assert (rest.status_code, rest.content) == (206, whole.read_bytes()[5:])
    changed = httpx2.get(f"http://127.0.0.1:{port}{url}", headers={**validator, "If-Range": '"old"'})
    assert (changed.status_code, changed.content) == (200, whole.read_bytes())
