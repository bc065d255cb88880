"""Warm and cold files are told apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.probes import page_cache


def test_what_was_just_written_is_warm(tmp_path: Path) -> None:
    (tmp_path / "within").mkdir()
    (tmp_path / "within" / "rows").write_bytes(os.urandom(1 << 20))
    assert page_cache.share([tmp_path]) == 1.0


def test_what_was_dropped_is_cold(tmp_path: Path) -> None:
    for name, drop in (("warm", False), ("cold", True)):
        with (tmp_path / name).open("wb") as file:
            file.write(os.urandom(1 << 20))
            os.fsync(file.fileno())
            if drop:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    found = page_cache.share([tmp_path])
    if found == 1.0:
        pytest.skip("this file system keeps its pages (tmpfs does)")
    assert found == pytest.approx(0.5, abs=0.05)


def test_every_process_finds_the_data_whole_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "rows").open("wb") as file:
        file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 1 << 19, os.POSIX_FADV_DONTNEED)
    found = page_cache.share([tmp_path])
    if found == 1.0:
        pytest.skip("this file system keeps its pages (tmpfs does)")
    monkeypatch.setattr(page_cache, "WARMED_SHARE", 1 << 40)  # larger than one part in so many: left alone
    page_cache.warm([tmp_path / "data"])
    assert page_cache.share([tmp_path]) == found
    monkeypatch.undo()
    page_cache.warm([tmp_path / "data", tmp_path / "data" / "rows", tmp_path / "missing"])
    assert page_cache.share([tmp_path]) == 1.0


def test_nothing_has_no_share(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert page_cache.share([tmp_path]) is None
    assert page_cache.share([]) is None
