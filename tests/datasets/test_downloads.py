"""A download is whole and the right one; what broke off is continued."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from datasets.clicks import adult
from datasets.downloads import download
from harness.spec import no_progress
from harness.spec.errors import BadData, NotAvailable
from tests.datasets.file_server import FileServer, serving

BODY = np.random.default_rng(0).bytes(5 << 20)
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(BODY) as running:
        yield running


def fetch(server: FileServer, folder: Path, sha256: str | None = SHA256) -> Path:
    return download(server.url("a.bin"), folder, sha256, "give --from FOLDER", no_progress)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("sha256", [SHA256, None])
def test_it_is_downloaded_once(tmp_path: Path, server: FileServer, sha256: str | None) -> None:
    for _ in range(2):
        path = fetch(server, tmp_path / "new", sha256)
        assert path == tmp_path / "new" / "a.bin"
        assert path.read_bytes() == BODY
    assert names(tmp_path / "new") == ["a.bin"]
    assert server.asked == [""]


def test_one_that_breaks_off_is_continued(tmp_path: Path, server: FileServer) -> None:
    server.most = 2 << 20
    with pytest.raises(NotAvailable, match=r"cannot be downloaded .*; run again, or give --from FOLDER"):
        fetch(server, tmp_path)
    assert names(tmp_path) == ["a.bin.part"]
    present = (tmp_path / "a.bin.part").stat().st_size
    assert 0 < present <= server.most
    server.most = None
    assert fetch(server, tmp_path).read_bytes() == BODY
    assert server.asked == ["", f"bytes={present}-"]
    assert names(tmp_path) == ["a.bin"]


def test_a_server_that_cannot_continue_sends_everything_again(tmp_path: Path, server: FileServer) -> None:
    (tmp_path / "a.bin.part").write_bytes(BODY[:1000])
    server.resumes = False
    assert fetch(server, tmp_path).read_bytes() == BODY


def test_a_part_that_was_whole_already_does_not_block_the_next_try(
    tmp_path: Path, server: FileServer
) -> None:
    (tmp_path / "a.bin.part").write_bytes(BODY)
    with pytest.raises(NotAvailable):
        fetch(server, tmp_path)
    assert names(tmp_path) == []
    assert fetch(server, tmp_path).read_bytes() == BODY


def test_other_bytes_are_removed(tmp_path: Path, server: FileServer) -> None:
    with pytest.raises(BadData, match="other bytes than expected; they were removed"):
        fetch(server, tmp_path, "0" * 64)
    assert names(tmp_path) == []


def test_a_file_with_other_bytes_is_downloaded_again(tmp_path: Path, server: FileServer) -> None:
    (tmp_path / "a.bin").write_bytes(b"an older release")
    assert fetch(server, tmp_path).read_bytes() == BODY


def test_a_server_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotAvailable, match="give --from FOLDER"):
        download("http://127.0.0.1:1/a.bin", tmp_path, SHA256, "give --from FOLDER", no_progress)
    assert names(tmp_path) == []


def test_progress_counts_megabytes_of_the_whole_file(tmp_path: Path, server: FileServer) -> None:
    seen: list[tuple[str, int, int]] = []
    (tmp_path / "a.bin.part").write_bytes(BODY[: 2 << 20])
    download(server.url("a.bin"), tmp_path, SHA256, "", lambda *step: seen.append(step))
    assert {(what, total) for what, _, total in seen} == {("downloading a.bin (MB)", 5)}
    done = [step[1] for step in seen]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (3, 5)


def test_an_archive_of_adult_that_is_none_is_removed(
    tmp_path: Path, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adult, "URL", server.url("adult.zip"))
    with pytest.raises(BadData, match="not UCI Adult's archive"):
        adult.fetch(tmp_path / "downloads", tmp_path / "folder")
    assert names(tmp_path / "downloads") == []
