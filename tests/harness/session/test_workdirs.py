"""Folders of submissions whose process was killed are swept; those in use and new ones stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness import ROOT
from harness.session import workdirs

MAKE = "from harness.session.workdirs import Workdir; w = Workdir(); print(w.path, flush=True); input()"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_of_a_killed_process_is_swept_once_it_is_dead(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workdirs, "_SETTLED_S", -1.0)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-c", MAKE],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert folder.parent == temporary
        (folder / "deep").mkdir()
        assert workdirs.sweep() == 0
        process.kill()
    assert folder.is_dir()
    assert workdirs.sweep() == 1
    assert not folder.exists()


def test_a_new_folder_and_those_of_others_stay(temporary: Path) -> None:
    (temporary / f"{workdirs.PREFIX}new").mkdir()
    (temporary / "photofinish-something").mkdir()
    assert workdirs.sweep() == 0
    own = workdirs.Workdir()
    own.remove()
    assert not own.path.exists()
    assert len(list(temporary.iterdir())) == 2


def test_a_folder_counts_its_own_files_and_nothing_they_lead_to(temporary: Path) -> None:
    outside = temporary / "outside"
    outside.write_bytes(bytes(5_000_000))
    workdir = workdirs.Workdir()
    (workdir.path / "deep").mkdir()
    (workdir.path / "deep" / "weights").write_bytes(bytes(2_000_000))
    (workdir.path / "link").symlink_to(outside)
    (workdir.path / "broken").symlink_to(workdir.path / "nowhere")
    assert workdir.size_mb() == pytest.approx(2.0, abs=0.001)
    workdir.remove()
    assert outside.exists()
