"""What a lock file asks for is built once, or refused with the package, the reason and the cure."""

from __future__ import annotations

import json
import platform
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.environments.lockfile import lock_of
from harness.intake.lookup import inspect
from harness.intake.packaged import with_environment
from harness.spec import Environment, Limits, OwnEnvironments, Places
from harness.spec.errors import InvalidSubmission
from tests.harness.environments.wheelhouse import (
    HASH,
    LARGE,
    NEWER,
    OTHERS,
    SLIPS,
    SMALL,
    ZEROS,
    requirements,
)

MINE = platform.python_version()

Build = Callable[..., Environment]


def pylock(name: str, version: str, digest: str, python: str = "") -> str:
    required = f"requires-python = {python}\n" if python else ""
    file = f'name = "{name}-{version}-py3-none-any.whl", url = "https://nowhere.invalid/x"'
    return (
        f'lock-version = "1.0"\ncreated-by = "test"\n{required}[[packages]]\nname = "{name}"\n'
        f'version = "{version}"\nwheels = [{{{file}, hashes = {{sha256 = "{digest}"}}}}]\n'
    )


UV_PROJECT = """
[project]
name = "entry"
version = "1"
requires-python = ">=3.10"
dependencies = ["small"]
"""
UV_LOCK = f"""
version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "entry"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "small" }}]

[package.metadata]
requires-dist = [{{ name = "small" }}]

[[package]]
name = "small"
version = "1.0"
source = {{ registry = "https://pypi.org/simple" }}
wheels = [{{ url = "https://nowhere.invalid/small-1.0-py3-none-any.whl", hash = "sha256:{HASH}", size = 1 }}]
"""


TWO_HASHES = f"# pinned\nsmall==1.0 \\\n --hash=sha256:{'0' * 64} \\\n --hash=sha256:{HASH}\n"
FOR_OTHERS = f"gone==1.0 ; sys_platform == 'win32' --hash=sha256:{HASH}\n"


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": requirements(SMALL)},
        {"requirements.txt": TWO_HASHES},
        {"requirements.txt": requirements(SMALL) + FOR_OTHERS},
        {"pylock.toml": pylock("small", "1.0", HASH)},
        {"pylock.toml": pylock("small", "1.0", HASH, '">=3.10"')},
        {"uv.lock": UV_LOCK, "pyproject.toml": UV_PROJECT},
    ],
    ids=["requirements", "two hashes", "a marker", "pylock", "pylock with Python", "uv.lock"],
)
def test_each_form_of_a_lock_file_is_built(build: Build, files: dict[str, str]) -> None:
    made = build(files)
    assert made.versions == {"small": "1.0"}
    assert made.python_version == MINE
    [module] = made.folder.glob("lib/python3*/site-packages/small.py")
    assert module.read_text() == "SIZE = 1\n"
    assert list(module.parent.glob("__pycache__/small*.pyc")), "compiled, for the sandbox cannot"
    assert made.size >= module.stat().st_size


def test_an_environment_is_built_once_and_found_again_without_its_index(
    build: Build, silent: str, tmp_path: Path
) -> None:
    files = {"requirements.txt": requirements(SMALL)}
    first = build(files)
    made = first.folder.stat().st_ino
    again = build(files, sources=(silent,))
    assert again == first
    assert again.folder.stat().st_ino == made
    assert [path.name for path in (tmp_path / "environments").iterdir()] == [first.name]


def test_other_bytes_in_a_lock_file_make_another_environment(build: Build) -> None:
    assert build({"requirements.txt": requirements(SMALL)}) != build(
        {"requirements.txt": requirements(NEWER)}
    )


REFUSED = {
    f"smell==1.0 --hash=sha256:{HASH}": "no package 'smell' at http.*correct its name",
    f"small==9.0 --hash=sha256:{HASH}": "'small' has no version 9.0.*pin a published",
    f"sourced==1.0 --hash=sha256:{HASH}": r"source code alone \(sourced-1.0.tar.gz\).*with a wheel",
    f"small==1.0 --hash=sha256:{'0' * 64}": "no hash of 'small' 1.0.*lock again",
    requirements(OTHERS): "no wheel for Python 3.*cp39-cp39-win_amd64: pin another",
    requirements(LARGE): "take 8,000 MB, and the task allows 6,000 MB.*pin smaller",
    requirements(SLIPS): r"slips-1.0.* holds '\.\./\.\./outside.py'.*pin another",
    "small==1.0": "line 1: 'small' has no --hash.*uv pip compile --generate-hashes",
    f"\nsmall>=1.0 --hash=sha256:{HASH}": "line 2: 'small' is not pinned with ==",
    f"small==1.* --hash=sha256:{HASH}": "'small' is not pinned with ==",
    "--index-url=http://evil/": "line 1: the option --index-url is not used here",
    "-e .": "line 1: the option -e is not used here",
    "small @ file:///etc/passwd": "line 1: 'small' comes from an address",
    "small = 1": "line 1: .*; run 'uv pip compile",
    requirements(SMALL) * 2: "line 2: 'small' is named twice",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_requirements_file_is_refused_with_the_cure(build: Build, text: str) -> None:
    with pytest.raises(InvalidSubmission, match=REFUSED[text]):
        build({"requirements.txt": text})


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"pylock.toml": "lock-version = 1"}, "pylock.toml is no lock file.*make it anew"),
        ({"pylock.toml": "]"}, "pylock.toml is no TOML"),
        ({"pylock.toml": pylock("small", "1.0", HASH, '"3"')}, "no version of Python.*write '>=3.11'"),
        (
            {"pyproject.toml": UV_PROJECT, "uv.lock": "version = 99"},
            "uv.lock cannot be used.*'uv lock' again",
        ),
        ({"uv.lock": UV_LOCK}, "uv.lock stands alone; put the pyproject.toml"),
    ],
)
def test_a_lock_file_that_cannot_be_read_is_refused_with_the_cure(
    build: Build, files: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidSubmission, match=told):
        build(files)


def test_nothing_is_left_of_a_build_that_failed(build: Build, tmp_path: Path) -> None:
    with pytest.raises(InvalidSubmission):
        build({"requirements.txt": requirements(SLIPS)})
    assert not list((tmp_path / "environments").iterdir())
    assert not list(tmp_path.rglob("outside.py"))


def test_a_package_from_a_repository_or_without_a_wheel_is_refused(build: Build) -> None:
    git = 'vcs = {type = "git", url = "https://x.invalid/y", commit-id = "1"}'
    head = 'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "small"\n'
    with pytest.raises(InvalidSubmission, match="'small' comes from a repository"):
        build({"pylock.toml": f"{head}{git}\n"})
    source = (
        f'sdist = {{name = "small-1.0.tar.gz", url = "https://x.invalid/s", hashes = {{sha256 = "{HASH}"}}}}'
    )
    with pytest.raises(InvalidSubmission, match=r"'small' 1.0 has no wheel, only source code"):
        build({"pylock.toml": f'{head}version = "1.0"\n{source}\n'})


def test_packages_that_unpack_to_too_much_are_refused_before_they_are_unpacked(build: Build) -> None:
    with pytest.raises(InvalidSubmission, match=r"take 30 MB, and the task allows 20 MB.*zeros 30 MB"):
        build({"requirements.txt": requirements(ZEROS)}, most_mb=20)


def test_an_environment_that_is_there_is_refused_where_a_task_allows_less(build: Build) -> None:
    files = {"requirements.txt": requirements(ZEROS)}
    build(files)
    with pytest.raises(InvalidSubmission, match="the task allows 20 MB"):
        build(files, most_mb=20)


def test_a_task_can_allow_fewer_packages_or_none(build: Build) -> None:
    files = {"requirements.txt": requirements({**SMALL, **ZEROS})}
    with pytest.raises(InvalidSubmission, match="names 2 packages, and the task allows 1; name fewer"):
        build(files, most_packages=1)
    with pytest.raises(
        InvalidSubmission, match="allows no packages beside the stock ones; remove requirements"
    ):
        build(files, allowed=False)


def test_packages_that_nothing_locks_are_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(UV_PROJECT)
    with pytest.raises(InvalidSubmission, match="names packages and nothing locks them; run 'uv lock'"):
        lock_of(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert lock_of(tmp_path) is None


def test_a_submission_with_a_lock_file_gets_its_environment(
    index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "entry"
    folder.mkdir()
    (folder / "submission.py").touch()
    plain = inspect(folder, Limits(), tmp_path / "entries")
    rules, places = OwnEnvironments(sources=(index,)), Places.under(tmp_path / "home")
    monkeypatch.setenv("PHOTOFINISH_WORKER", str(tmp_path))
    assert with_environment(plain, rules, places).environment is None
    (folder / "requirements.txt").write_text(requirements(SMALL))
    locked = inspect(folder, Limits(), tmp_path / "entries")
    assert locked.sha256 != plain.sha256
    made = with_environment(locked, rules, places).environment
    assert made
    assert made.folder.parent == places.environments
    assert json.loads((made.folder / "environment.json").read_text())["versions"] == {"small": "1.0"}
    assert not made.folder.stat().st_mode & stat.S_IWOTH


def test_a_page_has_no_packages(tmp_path: Path) -> None:
    (tmp_path / "submission.js").touch()
    (tmp_path / "requirements.txt").write_text(requirements(SMALL))
    page = inspect(tmp_path, Limits(), tmp_path / "entries")
    with pytest.raises(InvalidSubmission, match=r"a page has no Python packages; remove requirements.txt"):
        with_environment(page, OwnEnvironments(), Places.under(tmp_path / "home"))
