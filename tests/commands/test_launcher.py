"""How Photofinish is started: from any folder, by the right Python, or with a line that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import run_bench
from harness import ROOT, VERSION

LAUNCHER = ROOT / "bin" / "photofinish"


def started(*words: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("bo",), ["board", "boards"]),
        (("run", "co"), ["cots"]),
        (("run", "cots", "cnn"), ["cnn", "cnn_tracked"]),
        (("board", "cots", "--profile", "e"), ["edge"]),
        (("run", "tests/fixtures/tiny/task.py", "h"), []),
    ],
)
def test_the_shell_completes_what_is_typed_by_half(
    tmp_path: Path, typed: tuple[str, ...], offered: list[str]
) -> None:
    words = {"COMP_WORDS": " ".join(("photofinish", *typed)), "COMP_CWORD": str(len(typed))}
    told = started(LAUNCHER, cwd=tmp_path, _PHOTOFINISH_COMPLETE="complete_bash", **words)
    assert told.stdout.split() == offered, told.stderr


def test_the_launcher_works_from_another_folder_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "photofinish").symlink_to(LAUNCHER)
    home = str(tmp_path / "home")
    for program in (LAUNCHER, tmp_path / "photofinish"):
        told = started(
            program, "data", ROOT / "tests/fixtures/tiny/task.py", cwd=tmp_path, PHOTOFINISH_HOME=home
        )
        assert (told.returncode, told.stderr.strip()) == (0, "")
        assert f"public   {home}" in told.stdout
    told = started(tmp_path / "photofinish", "run", "-h", cwd=tmp_path)
    assert told.stdout.startswith("Usage: photofinish run ")
    told = started(LAUNCHER, "run", "cots", "mine.py", cwd=tmp_path, PHOTOFINISH_HOME=home)
    assert (told.returncode, told.stderr.strip()) == (
        2,
        "photofinish: there is no submission at mine.py; give the path of a file or folder",
    )


def test_a_checkout_without_environments_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "photofinish").write_bytes(LAUNCHER.read_bytes())
    (tmp_path / "bin" / "photofinish").chmod(0o755)
    told = started(tmp_path / "bin" / "photofinish", "tasks", cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr == f"photofinish: {tmp_path}/.venv is missing; run 'make setup' in {tmp_path}\n"


def test_a_python_without_the_packages_says_what_to_do(tmp_path: Path) -> None:
    told = started(sys.executable, "-S", "-E", ROOT / "run_bench.py", "tasks", cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr == f"photofinish: {sys.executable} lacks the packages; {run_bench.SETUP}\n"


def test_an_older_python_says_which_is_needed(tmp_path: Path) -> None:
    older = "import runpy, sys; sys.version_info, sys.version = (3, 10, 12), '3.10.12 (main)'; "
    older += "runpy.run_path({!r})"
    told = started(sys.executable, "-S", "-c", older.format(str(ROOT / "run_bench.py")), cwd=tmp_path)
    assert told.returncode == 2
    assert (
        told.stderr
        == f"photofinish: Python 3.11 or later is needed, and this is 3.10.12; {run_bench.SETUP}\n"
    )


def test_a_package_that_is_missing_later_is_named(monkeypatch, capsys) -> None:
    def lacking(**options: object) -> None:
        raise ModuleNotFoundError("No module named 'mlflow'", name="mlflow")

    monkeypatch.setattr(run_bench, "app", lacking)
    with pytest.raises(SystemExit) as end:
        run_bench.main()
    assert end.value.code == 2
    assert f"{sys.executable} lacks the package mlflow; run 'make setup'" in capsys.readouterr().err


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    with pytest.raises(SystemExit) as end:
        run_bench.app(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"photofinish {VERSION}\n"
