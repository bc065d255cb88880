"""Put up walls without bubblewrap, and kill everything inside when the command or the harness ends.

Started as ``python -I -S supervisor.py`` with the launcher's plan. A child drops its rights and
becomes the command. This process stays outside the walls: every orphan of the sandbox becomes its
child, and when the command or the harness ends, however suddenly, it kills all that are left.
"""

# ruff: noqa: PTH100, PTH103, PTH120, PTH208 - pathlib takes longer to import than a start may cost
from __future__ import annotations

import ctypes
import os
import select
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.sandbox import landlock, launcher, processes
    from harness.sandbox.launcher import Plan
else:
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    import landlock
    import launcher
    import processes

_PDEATHSIG, _SECCOMP, _CAPBSET_DROP, _CHILD_SUBREAPER, _NO_NEW_PRIVS = 1, 22, 24, 36, 38
_SIGKILL, _SIGCHLD, _SIG_IGN, _SECCOMP_FILTER = 9, 17, 1, 2
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def supervise(plan: Plan, harness: int) -> None:
    """Start the command as a child and wait for its end or the harness's."""
    _prctl(_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child == 0:
        os.setsid()
        launcher.limit(plan)
        confine(plan)
        os.execv(plan["command"][0], plan["command"])
    command = os.pidfd_open(child)
    _libc.signal(_SIGCHLD, ctypes.c_void_p(_SIG_IGN))  # the kernel reaps every orphan that ends
    forget_descriptors({harness, command})
    select.select([harness, command], [], [])
    while not processes.kill(lambda: processes.descendants(os.getpid())):
        pass
    os._exit(0)


def forget_descriptors(kept: set[int]) -> None:
    """Close every pipe, so that its other end shows the command's death."""
    for descriptor in (1, 2):
        os.dup2(0, descriptor)
    listed = {int(name) for name in os.listdir("/proc/self/fd")}
    for descriptor in listed - kept - {0, 1, 2}:
        try:
            os.close(descriptor)
        except OSError:  # the listing's own
            continue


def confine(plan: Plan) -> None:
    """Everything that must hold before the command's first instruction."""
    user, confinement = plan["user"], plan["confinement"]
    for folder in plan["folders"]:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if user is not None:
            os.chown(folder, user, user)
    os.chdir(plan["folders"][0])
    if confinement is not None:
        _prctl(_NO_NEW_PRIVS, 1)
        landlock.restrict([(f"/proc/{os.getpid()}", landlock.READ), *confinement["paths"]])
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _prctl(_PDEATHSIG, _SIGKILL)  # after the change of user, which clears it
    if confinement is not None:
        drop_capabilities()
        own_pid = os.getpid().to_bytes(4, "little")
        load_filter(confinement["program"].replace(confinement["own_pid"], own_pid))


def drop_capabilities() -> None:
    """Root without capabilities is an ordinary owner of files, also after the next exec."""
    capability = 0
    while _libc.prctl(_CAPBSET_DROP, ctypes.c_ulong(capability), *[ctypes.c_ulong(0)] * 3) == 0:
        capability += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def load_filter(program: bytes) -> None:
    """From here on the filter decides on every system call (seccomp(2))."""
    described = _Program(len(program) // 8, program)
    _prctl(_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(described))


def _prctl(option: int, *arguments: int) -> None:
    four = (*arguments, 0, 0, 0, 0)[:4]
    if _libc.prctl(option, *map(ctypes.c_ulong, four)) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"prctl({option}): {os.strerror(error)}")


if __name__ == "__main__":
    launcher.main(supervise)
