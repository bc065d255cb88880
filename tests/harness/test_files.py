"""Folders and files appear whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harness.files import new_folder, sha256_of, write_whole


def test_a_new_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "target"
    with new_folder(target) as folder:
        (folder / "a.txt").write_text("a")
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["a.txt"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_block_that_raises_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    with pytest.raises(stop), new_folder(tmp_path / "target") as folder:
        (folder / "a.txt").write_text("a")
        raise stop
    assert list(tmp_path.iterdir()) == []


def test_the_name_until_then_can_be_chosen(tmp_path: Path) -> None:
    with new_folder(tmp_path / "target", tmp_path / ".half") as folder:
        assert folder == tmp_path / ".half"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_the_folder_of_a_faster_process_is_kept(tmp_path: Path) -> None:
    with new_folder(tmp_path / "target") as folder:
        (folder / "mine").touch()
        (tmp_path / "target").mkdir()
        (tmp_path / "target" / "theirs").touch()
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["theirs"]
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_a_file_that_stands_in_the_way_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    with pytest.raises(NotADirectoryError), new_folder(tmp_path / "target"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    for data in (b"first", b"second"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "folder", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_checksum_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    # printf 'a,b\n1,2\n' | sha256sum
    assert (
        sha256_of(tmp_path / "train.csv")
        == "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470"
    )
