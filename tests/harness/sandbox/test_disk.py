"""Removing what a stranger left."""

from __future__ import annotations

import os
from pathlib import Path

from harness.sandbox import disk


def test_deep_shut_and_linked_folders_go_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    left = tmp_path / "left"
    left.mkdir()
    (left / "link").symlink_to(outside)
    (left / "shut").mkdir()
    (left / "shut" / "file").write_text("x")
    (left / "shut").chmod(0)
    start = Path.cwd()
    os.chdir(left)
    try:
        for _ in range(1200):
            os.mkdir("deep")  # noqa: PTH102 - relative on purpose: the whole path would be too long
            os.chdir("deep")
        Path("file").write_text("x")
    finally:
        os.chdir(start)

    disk.remove(left)

    assert not left.exists()
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert outside.stat().st_mode & 0o777 == 0o755


def test_the_meter_sees_what_is_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "file").write_bytes(bytes(10_000))
    os.link(folder / "file", folder / "same file")

    assert not disk.DiskMeter(folder).exceeds(25_000, [])
    assert disk.DiskMeter(folder).exceeds(15_000, [])
    with (folder / "gone").open("wb") as gone:
        gone.write(bytes(100_000))
        gone.flush()
        (folder / "gone").unlink()
        assert not disk.DiskMeter(folder).exceeds(25_000, [])
        assert disk.DiskMeter(folder).exceeds(25_000, [os.getpid()])
