"""What of the file system every Python needs, on any machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
"""Programs, shared libraries and what describes the processor; nobody's data."""

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
"""What may be read of a /proc that is the machine's own, beside the process's folder in it."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def gpu_devices() -> list[str]:
    """The device files of NVIDIA's driver (also under WSL) that are here."""
    found = [*Path("/dev").glob("nvidia*"), *Path("/dev").glob("dxg")]
    return sorted(str(path) for path in found if not path.is_dir())


def gpu_files() -> list[str]:
    """What the driver's libraries read; the libraries lie among the system's or where containers put them."""
    known = (
        "/usr/lib/wsl",
        "/run/opengl-driver",
        "/etc/OpenCL",
        "/dev/nvidia-caps",
        "/proc/driver/nvidia",
        "/sys/bus/pci",
        "/sys/class/drm",
        "/sys/devices",
        "/sys/module/nvidia",
        "/sys/module/nvidia_uvm",
    )
    return [path for path in known if Path(path).exists()]


def links(path: Path) -> Iterator[tuple[Path, str]]:
    """Symbolic links met on the way to ``path``, each with its target, to where no link is left.

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
