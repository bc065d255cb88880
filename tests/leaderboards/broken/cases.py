"""One case of the sweep: what is broken, what is typed, and what must be said; and ways to break things."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Arrange = Callable[[Path, Path], object]


@dataclass(frozen=True)
class Case:
    """``arrange(home, other)`` breaks something, ``words`` are typed, ``said`` and ``cure`` must be printed.

    A case with a cure is refused with exit code 2, one without ends with 0. ``{home}`` and ``{other}`` stand
    for the two folders, ``{tiny}`` for a task's file, ``{port}`` for a free port.
    """

    words: str
    said: tuple[str, ...]
    cure: str = ""
    arrange: Arrange = lambda home, other: None
    variables: Mapping[str, str] = field(default_factory=dict)


def put(name: str, content: bytes = b"garbage") -> Arrange:
    """Replace a file or folder of the home by a file."""

    def arrange(home: Path, other: Path) -> None:
        path = home / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return arrange


def cut(name: str) -> Arrange:
    """Cut a file of the home in half."""
    return lambda home, other: (home / name).write_bytes(
        (home / name).read_bytes()[: (home / name).stat().st_size // 2]
    )


def folder(name: str) -> Arrange:
    """Put an empty folder in the place of a file of the home."""

    def arrange(home: Path, other: Path) -> None:
        (home / name).unlink(missing_ok=True)
        (home / name).mkdir(parents=True)

    return arrange


def loop(name: str) -> Arrange:
    """Put a link that leads to itself in the place of a file of the home."""

    def arrange(home: Path, other: Path) -> None:
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to((home / name).name)

    return arrange


def gone(name: str) -> Arrange:
    return lambda home, other: (home / name).unlink()


def beside(name: str, content: bytes) -> Arrange:
    """Replace a file beside the record of the entry 'cnn'."""

    def arrange(home: Path, other: Path) -> None:
        (record,) = (
            path for path in home.glob("records/*") if b'"cnn"' in (path / "record.json").read_bytes()
        )
        (record / name).write_bytes(content)

    return arrange


def record(content: bytes) -> Arrange:
    """Add a record folder that cannot be read."""

    def arrange(home: Path, other: Path) -> None:
        (home / "records" / "ab12cd34ef56").mkdir()
        (home / "records" / "ab12cd34ef56" / "record.json").write_bytes(content)

    return arrange


def given(name: str, content: bytes | str = b"") -> Arrange:
    """Write a file of the user's own, in the folder ``{other}``."""

    def arrange(home: Path, other: Path) -> None:
        path = other / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return arrange


def both(*steps: Arrange) -> Arrange:
    """Break several things."""
    return lambda home, other: [step(home, other) for step in steps]


def linked(home: Path, other: Path) -> None:
    (other / "entry").mkdir()
    (other / "entry" / "submission.py").symlink_to("/etc/passwd")


def piped(name: str) -> Arrange:
    return lambda home, other: os.mkfifo(other / name)


def taped(home: Path, other: Path) -> None:
    with tarfile.open(other / "entry.tar.gz", "w:gz") as tape:
        tape.add("/etc/hostname", "../outside")
