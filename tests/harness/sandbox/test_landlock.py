"""Every version of Landlock is asked only for what it knows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.sandbox import landlock, paths

ROOT = Path(__file__).parents[3]
RESTRICTED = """
import ctypes, sys
from harness.sandbox import landlock
version, shown, hidden = int(sys.argv[1]), sys.argv[2], sys.argv[3]
landlock.abi = lambda: version
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
landlock.restrict([(shown, landlock.WRITE), ("/no/such/path", landlock.READ)])
open(shown + "/file", "w").write("x")
try:
    open(hidden).read()
except PermissionError:
    print("refused")
"""


def test_rights_by_version() -> None:
    assert landlock.handled(1) == (0x1FFF, 0, 0)
    assert landlock.handled(2) == (0x3FFF, 0, 0)
    assert landlock.handled(3) == (0x7FFF, 0, 0)
    assert landlock.handled(4) == (0x7FFF, 3, 0)
    assert landlock.handled(5) == (0xFFFF, 3, 0)
    assert landlock.handled(6) == (0xFFFF, 3, 3)
    assert landlock.handled(7) == (0xFFFF, 3, 3)


@pytest.mark.parametrize("version", range(1, 8))
def test_a_ruleset_of_each_version_holds(version: int, tmp_path: Path) -> None:
    if version > landlock.abi():
        pytest.skip(f"this kernel's Landlock is of version {landlock.abi()}")
    (tmp_path / "shown").mkdir()
    (tmp_path / "hidden").write_text("hidden")
    arguments = [str(version), str(tmp_path / "shown"), str(tmp_path / "hidden")]
    told = subprocess.run(
        [sys.executable, "-c", RESTRICTED, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (told.stdout, told.stderr) == ("refused\n", "")


def test_links_are_followed_step_by_step(tmp_path: Path) -> None:
    (tmp_path / "3.11.7" / "bin").mkdir(parents=True)
    (tmp_path / "3.11.7" / "bin" / "python").write_text("")
    (tmp_path / "3.11").symlink_to("3.11.7")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "python3").symlink_to("../3.11/bin/python")
    (tmp_path / "venv" / "python").symlink_to(tmp_path / "venv" / "python3")

    found = list(paths.links(tmp_path / "venv" / "python"))

    assert found == [
        (tmp_path / "venv" / "python", str(tmp_path / "venv" / "python3")),
        (tmp_path / "venv" / "python3", "../3.11/bin/python"),
        (tmp_path / "3.11", "3.11.7"),
    ]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert [link.name for link, _ in paths.links(tmp_path / "a")] == ["a", "b"]
