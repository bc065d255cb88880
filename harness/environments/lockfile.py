"""The lock file of a submission: which packages it pins, by exact version and SHA-256.

Three forms are read: ``uv.lock`` beside ``pyproject.toml``, ``pylock.toml`` (PEP 751), and a
``requirements.txt`` in which every line is pinned and hashed. The addresses in a lock file are not used: a
task says where packages come from, and the hashes say which files are meant.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.environments import requirements, uv
from harness.environments.markers import python_markers
from harness.environments.pin import Pin
from harness.environments.pythons import Python
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from packaging.pylock import Package
    from packaging.specifiers import SpecifierSet

UV_LOCK, PYLOCK, REQUIREMENTS = "uv.lock", "pylock.toml", "requirements.txt"
PROJECT, VERSION = "pyproject.toml", ".python-version"


@dataclass(frozen=True)
class Lock:
    """The lock file of one submission, or of a stock environment in the form of a ``requirements.txt``."""

    file: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.file.name

    def bytes(self) -> bytes:
        """Return everything that decides which packages are installed, to be hashed."""
        parts = [self.file, *(self.file.with_name(name) for name in (PROJECT, VERSION))]
        return b"\0".join(part.name.encode() + b"\0" + _read(part) for part in parts if part.is_file())

    def python(self) -> SpecifierSet:
        """Return the versions of Python that the submission runs on. Raises InvalidSubmission."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        wanted = _requires_python(self.file)
        pinned = self.file.with_name(VERSION)
        try:
            if pinned.is_file():
                version = _text(pinned).strip().removeprefix("cpython-").removeprefix("python")
                wanted += f",=={version}" + (".*" if version.count(".") < 2 else "")
            return SpecifierSet(wanted.strip(","))
        except InvalidSpecifier as error:
            raise InvalidSubmission(f"{self.name}: no version of Python: {error}; write '>=3.11'") from None

    def pins(self, python: Python) -> list[Pin]:
        """Return the packages to be installed for an interpreter, by name. Raises InvalidSubmission."""
        if self.name == UV_LOCK:
            found = list(_pylock_pins(self.name, uv.exported(self.file, python), python))
        elif self.name == PYLOCK:
            found = list(_pylock_pins(self.name, _toml(self.file), python))
        else:
            found = requirements.pins(self.name, _text(self.file), python)
        return sorted(found, key=lambda pin: pin.name)


def lock_of(folder: Path) -> Lock | None:
    """Return the lock file of a submission's folder, None where it has none.

    Raises InvalidSubmission where a ``pyproject.toml`` names packages and nothing locks them.
    """
    for name in (UV_LOCK, PYLOCK, REQUIREMENTS):
        if (folder / name).is_file():
            if name == UV_LOCK and not (folder / PROJECT).is_file():
                raise InvalidSubmission(f"{UV_LOCK} stands alone; put the {PROJECT} that it locks beside it")
            return Lock(folder / name)
    project = folder / PROJECT
    named = _toml(project).get("project", {}) if project.is_file() else {}
    if isinstance(named, Mapping) and named.get("dependencies"):
        raise InvalidSubmission(f"{PROJECT} names packages and nothing locks them; run 'uv lock' beside it")
    return None


def _requires_python(file: Path) -> str:
    if file.name not in {UV_LOCK, PYLOCK}:
        return ""
    stated = _toml(file).get("requires-python", "")
    return stated if isinstance(stated, str) else ""


def _pylock_pins(name: str, parsed: Mapping[str, Any], python: Python) -> Iterator[Pin]:
    from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

    try:
        lock = Pylock.from_dict(parsed)
    except (PylockValidationError, PylockUnsupportedVersionError) as error:
        raise InvalidSubmission(f"{name} is no lock file: {error}; make it anew") from None
    groups = {"extras": frozenset[str](), "dependency_groups": frozenset(lock.default_groups or ())}
    environment: dict[str, str | Set[str]] = {**python_markers(python), **groups}
    for package in lock.packages:
        if package.marker is None or package.marker.evaluate(environment, context="lock_file"):
            yield _pin(name, package)


def _pin(name: str, package: Package) -> Pin:
    """Turn a locked package into a pin. Raises InvalidSubmission where it does not come as a wheel."""
    elsewhere = package.vcs or package.directory or package.archive
    if elsewhere or package.version is None:
        raise InvalidSubmission(
            f"{name}: '{package.name}' comes from a repository, a folder or an address; only published "
            "packages are installed: pin a published version, or put its files into your folder"
        )
    hashes = {wheel.hashes.get("sha256", "") for wheel in package.wheels or ()} - {""}
    if not hashes:
        raise InvalidSubmission(
            f"{name}: '{package.name}' {package.version} has no wheel, only source code; environments are "
            "built from wheels alone: choose a version with a wheel, or put its files into your folder"
        )
    return Pin(package.name, str(package.version), frozenset(hashes))


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidSubmission(f"{file.name} is no TOML: {error}") from None


def _text(file: Path) -> str:
    try:
        return _read(file).decode()
    except UnicodeDecodeError:
        raise InvalidSubmission(f"{file.name} is no UTF-8 text") from None


def _read(file: Path) -> bytes:
    """Return a file's bytes. Raises InvalidSubmission where it is far larger than any lock file."""
    if file.stat().st_size > 20_000_000:
        raise InvalidSubmission(f"{file.name} is larger than 20 MB; it is no lock file")
    return file.read_bytes()
