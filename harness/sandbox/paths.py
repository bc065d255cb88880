"""The parts of the file system that every Python, or an accelerator, needs on any machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.spec.profile import Accelerator

SYSTEM = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/sbin",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)
"""Programs, shared libraries and descriptions of the processor; no user's data."""

PROC = tuple(
    f"/proc/{name}"
    for name in (
        "cpuinfo",
        "filesystems",
        "loadavg",
        "meminfo",
        "stat",
        "uptime",
        "version",
        "sys/kernel/cap_last_cap",
        "sys/kernel/osrelease",
        "sys/kernel/pid_max",
        "sys/kernel/threads-max",
        "sys/vm/overcommit_memory",
    )
)
"""The files of the machine's own /proc that may be read, beside the process's folder in it."""

PROC_HIDDEN = tuple(
    f"/proc/{name}"
    for name in (
        "buddyinfo", "diskstats", "interrupts", "iomem", "kallsyms", "key-users", "keys", "kmsg", "locks",
        "pagetypeinfo", "sched_debug", "schedstat", "slabinfo", "softirqs", "swaps", "timer_list",
        "vmallocinfo", "vmstat", "zoneinfo",
    )
)  # fmt: skip
"""The files of a mounted /proc that tell what the whole machine does or holds; nothing inside needs them."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def devices(accelerator: Accelerator) -> list[str]:
    """The device files of an accelerator that exist here."""
    paths = {path for pattern in accelerator.devices for path in Path("/").glob(pattern.lstrip("/"))}
    return sorted(str(path) for path in paths if not path.is_dir())


def driver_files(accelerator: Accelerator) -> list[str]:
    """The paths that an accelerator's driver reads and that exist here.

    Its libraries lie among the system's, or where containers put them.
    """
    return [path for path in accelerator.files if Path(path).exists()]


def links(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield each symbolic link on the way to ``path`` with its target, until no link is left.

    A virtual environment's Python is such a chain; inside a sandbox every step must exist.
    """
    done, rest = Path(path.anchor), list(path.absolute().parts[1:])
    seen = set()
    while rest:
        part = rest.pop(0)
        here = done.parent if part == ".." else done / part
        if not here.is_symlink() or here in seen:
            done = here
            continue
        seen.add(here)
        target = here.readlink()
        yield here, str(target)
        if target.is_absolute():
            done, rest = Path(target.anchor), [*target.parts[1:], *rest]
        else:
            rest = [*target.parts, *rest]
