"""The Python interpreters of this machine, and the one that a submission's environment is built for."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.spec.errors import NotAvailable

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

OLDEST = (3, 10)
"""The host inside the sandbox is written for this version and later ones."""
_PLACES = (
    "/usr/bin/python3.[0-9]*",
    "/usr/local/bin/python3.[0-9]*",
    "/opt/python/*/bin/python3",
    "~/.pyenv/versions/*/bin/python3",
    "~/.local/share/uv/python/*/bin/python3",
)
_ASK = "import platform, sys; print(sys.implementation.name, platform.python_version())"


@dataclass(frozen=True)
class Python:
    """An interpreter without packages: its program and its whole version, such as 3.11.7."""

    program: Path
    version: str

    @property
    def minor(self) -> tuple[int, int]:
        """The version's first two numbers."""
        first, second = self.version.split(".")[:2]
        return int(first), int(second)


def find(wanted: SpecifierSet, why: str) -> Python:
    """Return the interpreter that fits: the harness's own version first, then the newest.

    ``why`` says in the error where the versions were asked for. Raises NotAvailable where none fits.
    """
    for python in known():
        if wanted.contains(python.version, prereleases=True):
            return python
    here = ", ".join(python.version for python in known())
    raise NotAvailable(f"{why} asks for Python {wanted}; this machine has {here}: allow one of these there")


def own() -> Python:
    """Return the harness's own interpreter."""
    return Python(_own_program(), platform.python_version())


@cache
def known() -> tuple[Python, ...]:
    """Every CPython of this machine that hosts can run on: the harness's own, then the newest first."""
    found = {program.resolve(): None for program in (_own_program(), *_programs())}
    pythons = [python for program in found if (python := _asked(program)) and python.minor >= OLDEST]
    mine = [python for python in pythons if python.program == _own_program()]
    others = sorted(set(pythons) - set(mine), key=lambda python: python.minor, reverse=True)
    return (*mine, *others)


def _own_program() -> Path:
    return Path(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}").resolve()


def _programs() -> Iterator[Path]:
    for pattern in _PLACES:
        path = Path(pattern).expanduser()
        yield from (file for file in Path(path.anchor).glob(str(path)[1:]) if "-" not in file.name)


def _asked(program: Path) -> Python | None:
    """Ask a program for its version; None where it is no working CPython."""
    try:
        asked = subprocess.run(
            [program, "-I", "-S", "-c", _ASK], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    name, _, version = asked.stdout.strip().partition(" ")
    return Python(program, version) if name == "cpython" else None
