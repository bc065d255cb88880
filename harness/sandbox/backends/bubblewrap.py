"""Isolation level 1: bubblewrap, with namespaces for the machine and seccomp for the kernel."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.sandbox import jail, paths, seccomp
from harness.sandbox.backends.probe import held_by_kernel, probe
from harness.sandbox.policy import Policy
from harness.spec.errors import NotAvailable

HOME, TEMPORARY, SHARED = Path("/tmp/home"), Path("/tmp"), Path("/dev/shm")


@dataclass(frozen=True)
class Bubblewrap:
    """Implements ``policy.Backend``."""

    level: int = 1
    name: str = "bubblewrap"
    safe: bool = True
    loopback: bool = True

    def missing(self) -> str | None:
        """What bubblewrap lacks here, in words; None where it may make its namespaces."""
        if not shutil.which("bwrap"):
            return "bubblewrap is not installed; apt-get install bubblewrap"
        return seccomp.missing() or probe(self)

    def details(self) -> Mapping[str, str]:
        """The mechanism behind each wall."""
        return {
            "files": "mount namespace, read-only binds",
            "network": "network namespace, seccomp",
            "signals": "pid namespace",
            "cleanup": "pid namespace",
            **held_by_kernel(),
        }

    def launch(
        self, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int
    ) -> jail.RunningJail:
        """Start ``command`` inside; see ``policy.Backend.launch``."""
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise NotAvailable("bubblewrap is not installed; apt-get install bubblewrap")
        program = _program_file(policy.loopback)
        try:
            inside = jail.environment(policy, HOME, TEMPORARY)
            arguments = [bwrap, *_walls(policy, Path(command[0])), "--seccomp", str(program)]
            for name, value in inside.items():
                arguments += ["--setenv", name, value]
            how = jail.Start("launcher.py", wrappers=2, environment=inside)
            return jail.start(how, policy, [*arguments, "--", *command], [*keep, program], output)
        finally:
            os.close(program)


def _walls(policy: Policy, program: Path) -> Iterator[str]:
    """bwrap's arguments; mounts of outer folders come before those of folders in them."""
    size = str(private_mb(policy) * jail.MB)
    yield from ("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv")
    yield from ("--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev")
    yield from ("--size", size, "--tmpfs", str(TEMPORARY), "--size", size, "--tmpfs", str(SHARED))
    yield from ("--dir", str(HOME))
    system = [Path(path) for path in paths.SYSTEM if Path(path).exists()]
    for path in system:
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        else:
            yield from ("--ro-bind", str(path), str(path))
    for file in filter(os.path.exists, paths.PROC_HIDDEN):
        yield from ("--ro-bind", "/dev/null", file)
    for file in paths.driver_files(policy.accelerator):
        yield from ("--ro-bind", file, file)
    for device in paths.devices(policy.accelerator):
        yield from ("--dev-bind", device, device)
    readable = sorted({path.resolve() for path in policy.readable})
    mounts = dict.fromkeys(readable, "--ro-bind") | {policy.workdir.resolve(): "--bind"}
    for path in sorted(mounts):
        yield from (mounts[path], str(path), str(path))
    shown = (*system, *mounts)
    # A mapping: a link on the way to several of them is made once.
    links = dict(
        step for wanted in (program, *policy.readable, policy.workdir) for step in paths.links(wanted)
    )
    for link, target in links.items():
        if not any(link.is_relative_to(folder) for folder in shown):
            yield from ("--symlink", target, str(link))
    # Else root inside, owner of the machine's settings outside, could write to /proc/sys.
    yield from ("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/")
    yield from ("--chdir", str(policy.workdir.resolve()))


def private_mb(policy: Policy) -> int:
    """The size of each memory file system; what lies in it counts as the contestant's memory."""
    return max(16, policy.caps.memory_mb // 8)


@cache
def _program(loopback: bool) -> bytes:
    return seccomp.program(seccomp.rules_with_loopback() if loopback else seccomp.RULES)


def _program_file(loopback: bool) -> int:
    """The filter as a file to read from its beginning."""
    descriptor = os.memfd_create("filter", os.MFD_CLOEXEC)
    os.write(descriptor, _program(loopback))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
