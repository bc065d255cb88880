"""A machine of a cluster whose clock, disk and code can be made wrong while it is joined."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.machines_cluster import ROOT

_SHIM = Path(__file__).with_name("skewed_clock.c")
_DISK_BYTES = 32_000_000
_MOUNTS = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


@dataclass(frozen=True)
class OddMachine:
    """A machine that sees a copy of the code, and whose ``home`` is a small disk.

    ``cannot`` says by the name of a fault why it cannot be made here.
    """

    home: Path
    folder: Path
    cannot: dict[str, str] = field(default_factory=dict)

    @property
    def before(self) -> tuple[str, ...]:
        """The words before the command with which it joins."""
        words: tuple[str, ...] = ("env",)
        if "code" not in self.cannot:
            words = (*_seeing(self.folder / "harness", ROOT / "harness"), *words)
        if "clock" not in self.cannot:
            words += (f"SKEWED_CLOCK={self.folder / 'clock'}", f"LD_PRELOAD={self.folder / 'clock.so'}")
        return words

    def needs(self, fault: str) -> None:
        """Skip the test where this fault cannot be made here."""
        if fault in self.cannot:
            pytest.skip(f"no wrong {fault} can be had here: {self.cannot[fault]}")

    def set_clock(self, seconds: int) -> None:
        """Let the machine's clock be so much on."""
        with (self.folder / "clock").open("r+b") as file:
            file.write(struct.pack("q", seconds))

    def fill_disk(self) -> None:
        """Leave no byte on the disk of the home."""
        with pytest.raises(OSError, match="No space left"), (self.home / "full").open("wb", 0) as file:
            while True:
                file.write(bytes(4096))

    def change_code(self) -> None:
        """Change the code as another version would."""
        with (self.folder / "harness" / "__init__.py").open("a") as file:
            file.write("VERSION = 'another'\n")


@contextmanager
def odd_machine(home: Path, folder: Path) -> Iterator[OddMachine]:
    """Make what the machine needs; it is not joined yet."""
    odd = OddMachine(home, folder)
    home.mkdir(parents=True)
    (folder / "clock").write_bytes(struct.pack("q", 0))
    shutil.copytree(ROOT / "harness", folder / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    made = {
        "clock": ("gcc", "-O2", "-shared", "-fPIC", "-o", str(folder / "clock.so"), str(_SHIM), "-ldl"),
        "code": (*_seeing(folder / "harness", home), "true"),
        "disk": ("mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "photofinish", str(home)),
    }
    odd.cannot.update({fault: why for fault, words in made.items() if (why := _failed(*words))})
    try:
        yield odd
    finally:
        if "disk" not in odd.cannot:
            subprocess.run(["umount", "--lazy", str(home)], check=True)


def _seeing(folder: Path, instead_of: Path) -> tuple[str, ...]:
    """Return the words before a command that sees one folder instead of another."""
    return ("unshare", "--mount", "sh", "-c", _MOUNTS, "sh", str(folder), str(instead_of))


def _failed(*words: str) -> str:
    """Run a command, and return why it failed; empty where it did not."""
    if shutil.which(words[0]) is None:
        return f"there is no '{words[0]}'"
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    return run.stderr.strip() or f"'{words[0]}' failed" if run.returncode else ""
