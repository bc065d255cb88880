"""Control groups where they can be used: version 2 with or without controllers, version 1 beside it.

Everything is optional and found out by trying once: memory and process caps, freezing, killing.
Version 1's freezer is left alone: what it has frozen cannot be killed, and would outlive the harness.
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

from harness.spec.errors import HarnessError

_PREFIX = "photofinish-"
_V1 = ("memory", "pids")
_PAUSE_S = 0.0005
_PATIENCE_S = 5.0
_LONGEST_COUNTS = 4096
_counter = itertools.count()

MB = 1_000_000


@dataclass(frozen=True)
class Group:
    """One control group of ours: a folder in each hierarchy that is of use.

    Keys of ``folders``: ``unified`` (version 2), and ``memory``, ``pids`` (version 1).
    ``holds`` says what the kernel does for us here and through which version.
    """

    folders: Mapping[str, Path]
    holds: Mapping[str, str]

    def processes(self) -> list[int]:
        """Every process in the group, in this pid space."""
        folder = next(iter(self.folders.values()))
        return [int(line) for line in _read(folder / "cgroup.procs").split()]

    def freeze(self) -> None:
        """Return when nothing in the group runs. Only where ``freeze`` is held.

        Raises HarnessError where it cannot be stopped.
        """
        _write(self.folders["unified"] / "cgroup.freeze", 1)
        _await(self.folders["unified"] / "cgroup.events", "frozen 1")

    def thaw(self) -> None:
        """Let the group run again. Only where ``freeze`` is held."""
        _write(self.folders["unified"] / "cgroup.freeze", 0)

    def kill(self) -> None:
        """Kill every process in the group at once, also those being born. Only where ``kill`` is held."""
        _write(self.folders["unified"] / "cgroup.kill", 1)

    def memory_peak(self) -> int | None:
        """Most memory the group ever used, in bytes, page cache included; None where nobody counts."""
        for name, file in (("unified", "memory.peak"), ("memory", "memory.max_usage_in_bytes")):
            text = _read(self.folders[name] / file) if name in self.folders else ""
            if text:
                return int(text)
        return None

    def out_of_memory_kills(self) -> int:
        """How many processes the kernel has killed for the memory cap. Asked every 10 ms of a query."""
        if self._kills is None:
            return 0
        return _kills_in(os.pread(self._kills, _LONGEST_COUNTS, 0).decode()) or 0

    @cached_property
    def _kills(self) -> int | None:
        """The file that counts them, open: opening it each time would cost more than reading it."""
        for name, file in (("unified", "memory.events"), ("memory", "memory.oom_control")):
            path = self.folders[name] / file if name in self.folders else None
            if path and _kills_in(_read(path)) is not None:
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
    """What control groups do for us here: ``memory``, ``processes``, ``freeze``, ``kill``."""
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
    held = dict(_set_caps(folders, memory_mb, tasks))
    if not held:
        Group(folders, held).close()
        return None
    return Group(folders, held)


def _set_caps(folders: Mapping[str, Path], memory_mb: int, tasks: int) -> Iterator[tuple[str, str]]:
    """Set what can be set; yields what is held and by which version."""
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
    """Folders in which groups can be made, after having really used one: join, freeze, thaw, leave."""
    for parents in _candidates():
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


def _candidates() -> Iterator[Mapping[str, Path]]:
    """Where to try: beside our own version 2 group (its parent may hand on controllers), then in it."""
    mounts = _mounts()
    own = _own_groups()
    version1 = {kind: _within(mounts[kind], own[kind]) for kind in _V1 if kind in mounts and kind in own}
    if "unified" not in mounts or "" not in own:
        yield version1
        return
    mine = _within(mounts["unified"], own[""])
    if mine != mounts["unified"]:
        yield {"unified": mine.parent, **version1}
    yield {"unified": mine, **version1}


def _mounts() -> dict[str, Path]:
    """Mount points of version 1 controllers, and of version 2 as ``unified``."""
    found: dict[str, Path] = {}
    for line in _read(Path("/proc/mounts")).splitlines():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup2":
            found.setdefault("unified", Path(where))
        elif kind == "cgroup":
            for controller in set(options.split(",")) & set(_V1):
                found.setdefault(controller, Path(where))
    return found


def _own_groups() -> dict[str, str]:
    """This process's group in each hierarchy: ``controller -> path``; version 2 is the empty name."""
    found: dict[str, str] = {}
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _within(mount: Path, path: str) -> Path:
    """The group's folder; containers may show a path that is not below the mount they see."""
    folder = mount / path.lstrip("/")
    return folder if folder.is_dir() else mount


def _remove_stale(parents: Mapping[str, Path]) -> None:
    """Remove empty groups of harnesses that were killed."""
    for parent in parents.values():
        for folder in parent.glob(f"{_PREFIX}*-*"):
            owner = folder.name.removeprefix(_PREFIX).split("-")[0]
            if not Path("/proc", owner).exists():
                with suppress(OSError):
                    folder.rmdir()


def _await(file: Path, wanted: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while wanted not in _read(file):
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


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
