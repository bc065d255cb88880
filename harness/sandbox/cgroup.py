"""Control groups where they can be used: version 2 with or without controllers, version 1 beside it.

Each use is optional and tried once: memory and process caps, freezing, killing. Version 1's freezer is not
used: what it has frozen cannot be killed, and would outlive the harness.
See the kernel's admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from harness.sandbox import cgroup_mounts
from harness.sandbox.cgroup_mounts import read
from harness.spec.errors import HarnessError

_PREFIX = "photofinish-"
_PAUSE_S = 0.0005
_PATIENCE_S = 5.0
_LONGEST_COUNTS = 4096
_counter = itertools.count()

MB = 1_000_000


@dataclass(frozen=True)
class Group:
    """One control group of ours: a folder in each hierarchy that is of use.

    Keys of ``folders``: ``unified`` (version 2), and ``memory``, ``pids`` (version 1). ``holds`` says what
    the kernel enforces here (``memory``, ``processes``) or does (``freeze``, ``kill``), and by which version.
    """

    folders: Mapping[str, Path]
    holds: Mapping[str, str]

    def processes(self) -> list[int]:
        """Every process in the group, in this pid space."""
        folder = next(iter(self.folders.values()))
        return [int(line) for line in read(folder / "cgroup.procs").split()]

    def freeze(self) -> None:
        """Stop the group and return when nothing in it runs. Only where ``holds`` has ``freeze``.

        Raises HarnessError where it cannot be stopped.
        """
        _write(self.folders["unified"] / "cgroup.freeze", 1)
        _await(self.folders["unified"] / "cgroup.events", "frozen 1")

    def thaw(self) -> None:
        """Let the group run again. Only where ``holds`` has ``freeze``."""
        _write(self.folders["unified"] / "cgroup.freeze", 0)

    def kill(self) -> None:
        """Kill every process in the group at once, also new ones. Only where ``holds`` has ``kill``."""
        _write(self.folders["unified"] / "cgroup.kill", 1)

    def out_of_memory_kills(self) -> int:
        """The number of processes killed for the memory cap. It is read every 10 ms of a query."""
        if self._kills is None:
            return 0
        return _kills_in(os.pread(self._kills, _LONGEST_COUNTS, 0).decode()) or 0

    @cached_property
    def _kills(self) -> int | None:
        """The open file that counts them: opening it each time would cost more than reading it."""
        for name, file in (("unified", "memory.events"), ("memory", "memory.oom_control")):
            path = self.folders[name] / file if name in self.folders else None
            if path and _kills_in(read(path)) is not None:
                return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return None

    def close(self) -> None:
        """Remove the folders; the group must be empty or dying."""
        if self.__dict__.get("_kills") is not None:
            os.close(self.__dict__.pop("_kills"))
        deadline = time.monotonic() + _PATIENCE_S
        for folder in self.folders.values():
            while folder.exists() and time.monotonic() < deadline:
                try:
                    folder.rmdir()
                except OSError:
                    time.sleep(_PAUSE_S)


def _kills_in(text: str) -> int | None:
    lines = (line.split() for line in text.splitlines() if line.startswith("oom_kill "))
    return next((int(line[1]) for line in lines), None)


def create(memory_mb: int, tasks: int) -> Group | None:
    """Make a group with these caps (``tasks`` counts threads too). None where groups cannot be used."""
    parents = _usable()
    return _create(parents, memory_mb, tasks) if parents else None


def holds() -> Mapping[str, str]:
    """What control groups enforce or do here; see ``Group``. Empty where they cannot be used."""
    group = create(1024, 1024)
    if group is None:
        return {}
    group.close()
    return group.holds


def _create(parents: Mapping[str, Path], memory_mb: int, tasks: int) -> Group | None:
    name = f"{_PREFIX}{os.getpid()}-{next(_counter)}"
    folders: dict[str, Path] = {}
    for kind, parent in parents.items():
        with suppress(OSError):
            (parent / name).mkdir()
            folders[kind] = parent / name
    group = Group(folders, dict(_set_caps(folders, memory_mb, tasks)))
    if not group.holds:
        group.close()
        return None
    return group


def _set_caps(folders: Mapping[str, Path], memory_mb: int, tasks: int) -> Iterator[tuple[str, str]]:
    """Set the caps that can be set; yields what works and by which version."""
    unified, memory, pids = folders.get("unified"), folders.get("memory"), folders.get("pids")
    if unified and _wrote(unified / "memory.max", memory_mb * MB):
        _wrote(unified / "memory.swap.max", 0)
        _wrote(unified / "memory.oom.group", 1)
        yield "memory", "cgroup v2"
    elif memory and _wrote(memory / "memory.limit_in_bytes", memory_mb * MB):
        _wrote(memory / "memory.memsw.limit_in_bytes", memory_mb * MB)
        yield "memory", "cgroup v1"
    if unified and _wrote(unified / "pids.max", tasks):
        yield "processes", "cgroup v2"
    elif pids and _wrote(pids / "pids.max", tasks):
        yield "processes", "cgroup v1"
    if unified and (unified / "cgroup.freeze").exists():
        yield "freeze", "cgroup v2"
    if unified and (unified / "cgroup.kill").exists():
        yield "kill", "cgroup v2"


@cache
def _usable() -> Mapping[str, Path]:
    """The folders in which groups can be made, after really using a group: join, freeze, thaw, leave."""
    for parents in cgroup_mounts.candidates():
        _remove_stale(parents)
        group = _create(parents, 64, 64)
        if group is None:
            continue
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as probe:
            try:
                for folder in group.folders.values():
                    _write(folder / "cgroup.procs", probe.pid)
                if "freeze" in group.holds:
                    group.freeze()
                    group.thaw()
                works = True
            except (OSError, HarnessError):
                works = False
            probe.kill()
        group.close()
        if works:
            return parents
    return {}


def _remove_stale(parents: Mapping[str, Path]) -> None:
    """Remove the empty groups of harnesses that were killed."""
    for parent in parents.values():
        for folder in parent.glob(f"{_PREFIX}*-*"):
            owner = folder.name.removeprefix(_PREFIX).split("-")[0]
            if not Path("/proc", owner).exists():
                with suppress(OSError):
                    folder.rmdir()


def _await(file: Path, wanted: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while wanted not in read(file):
        if time.monotonic() > deadline:
            raise HarnessError(f"{file} does not become '{wanted}'")
        time.sleep(_PAUSE_S)


def _write(file: Path, value: int | str) -> None:
    file.write_text(str(value))


def _wrote(file: Path, value: int) -> bool:
    # Opened for writing only: a missing control file must not be made, and cannot be.
    try:
        with open(file, "r+") as control:  # noqa: PTH123 - write_text would try to create it
            control.write(str(value))
    except OSError:
        return False
    return True
