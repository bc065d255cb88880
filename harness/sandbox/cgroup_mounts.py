"""Where control groups are mounted, and where this process's own groups lie (cgroups(7))."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

_V1 = ("memory", "pids")


def candidates() -> Iterator[Mapping[str, Path]]:
    """Yield the folders in which to try: beside our own version 2 group, then in it.

    The parent of our own group may pass on more controllers than the group itself.
    """
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
    """Return the mount points of version 1 controllers, and that of version 2 as ``unified``."""
    mounts: dict[str, Path] = {}
    for line in read(Path("/proc/mounts")).splitlines():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup2":
            mounts.setdefault("unified", Path(where))
        elif kind == "cgroup":
            for controller in set(options.split(",")) & set(_V1):
                mounts.setdefault(controller, Path(where))
    return mounts


def _own_groups() -> dict[str, str]:
    """Return this process's group by controller; the name of version 2 is empty."""
    groups: dict[str, str] = {}
    for line in read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        groups.update(dict.fromkeys(controllers.split(","), path))
    return groups


def _within(mount: Path, path: str) -> Path:
    """Return a group's folder; in a container its path may not lie below the mount."""
    folder = mount / path.lstrip("/")
    return folder if folder.is_dir() else mount


def read(file: Path) -> str:
    """Return a control file's text, empty where it cannot be read."""
    try:
        return file.read_text()
    except OSError:
        return ""
