"""COCO's archives come over HTTP, are verified, and a broken download carries on."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from datasets.people.full import Archive, fetch
from harness.spec import no_progress
from harness.spec.errors import BadData, NotAvailable
from tests.datasets.file_server import FileServer, serving

WANTED = "annotations/instances_val2017.json"


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as box:
        box.writestr(WANTED, "{}" * 5000)
        box.writestr("annotations/captions_val2017.json", "not wanted")
    return data.getvalue()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(zipped()) as running:
        yield running


@pytest.fixture
def archive(server: FileServer) -> Archive:
    return Archive(server.url("a.zip"), hashlib.sha256(server.body).hexdigest(), WANTED)


def test_what_is_wanted_is_unpacked_and_fetched_once(
    tmp_path: Path, server: FileServer, archive: Archive
) -> None:
    for _ in range(2):
        assert fetch(tmp_path / "coco", no_progress, (archive,)) == tmp_path / "coco"
    assert (tmp_path / "coco" / WANTED).read_text() == "{}" * 5000
    assert sorted(path.name for path in (tmp_path / "coco").iterdir()) == ["a.zip.unpacked", "annotations"]
    assert len(list((tmp_path / "coco" / "annotations").iterdir())) == 1
    assert server.asked == [""]


def test_a_download_that_broke_off_carries_on(tmp_path: Path, server: FileServer, archive: Archive) -> None:
    (tmp_path / "a.zip.part").write_bytes(server.body[:100])
    fetch(tmp_path, no_progress, (archive,))
    assert server.asked == ["bytes=100-"]
    assert (tmp_path / WANTED).is_file()


def test_other_bytes_are_removed(tmp_path: Path, archive: Archive) -> None:
    with pytest.raises(BadData, match="other bytes than expected"):
        fetch(tmp_path, no_progress, (replace(archive, sha256="0" * 64),))
    assert list(tmp_path.iterdir()) == []


def test_no_server_says_what_to_do(tmp_path: Path, archive: Archive) -> None:
    with pytest.raises(NotAvailable, match="--from"):
        fetch(tmp_path, no_progress, (replace(archive, url="http://127.0.0.1:1/a.zip"),))
