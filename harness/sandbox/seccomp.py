"""The system calls that a submission may not make, as a classic BPF program (seccomp(2), filter.rst).

The same bytes serve ``bwrap --seccomp`` and ``prctl``. Every denied call is two instructions, and a
call whose arguments decide is one block that ends in a verdict, so no jump is longer than its block.
The filter of another architecture, and x32, kills: their numbers would mean other calls.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from harness.sandbox.syscalls import NUMBERS

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM = ERRNO | errno.EPERM
ENOSYS = ERRNO | errno.ENOSYS
EOPNOTSUPP = ERRNO | errno.EOPNOTSUPP
PRETEND = ERRNO
"""The call does nothing and returns success: for calls that libraries make by default and complain about."""

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALL = 0xFFFFFFFF

_NEW_NAMESPACES = 0x7E020080  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET,TIME}
_NEW_BY_CLONE = _NEW_NAMESPACES & ~0xFF  # clone's low byte is the signal of the child's death


@dataclass(frozen=True)
class Check:
    """The low 32 bits of one argument, masked, are among ``values`` (or, with ``never``, are not)."""

    argument: int
    values: tuple[int, ...]
    mask: int = _ALL
    never: bool = False


@dataclass(frozen=True)
class Rule:
    """These calls end in ``verdict`` unless every check holds; with no checks they always do."""

    calls: str
    verdict: int = EPERM
    checks: tuple[Check, ...] = ()


_SELF = Check(0, (0,))
_INTERNET = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: browsers ask which interfaces are up

RULES = (
    Rule("socket socketpair", checks=(Check(0, (1,)),)),  # AF_UNIX
    Rule("io_uring_setup io_uring_enter io_uring_register"),  # would do what is denied here, unseen
    Rule("ptrace process_vm_readv process_vm_writev process_mrelease kcmp pidfd_getfd"),
    Rule("keyctl add_key request_key bpf userfaultfd perf_event_open syslog acct"),
    Rule("mount umount2 pivot_root move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick"),
    Rule("mount_setattr chroot setns open_by_handle_at fanotify_init quotactl quotactl_fd swapon swapoff"),
    Rule("kexec_load kexec_file_load init_module finit_module delete_module reboot iopl ioperm modify_ldt"),
    Rule("settimeofday clock_settime adjtimex clock_adjtime"),
    Rule("unshare", checks=(Check(0, (0,), _NEW_NAMESPACES),)),
    Rule("clone", checks=(Check(0, (0,), _NEW_BY_CLONE),)),
    Rule("clone3", ENOSYS),  # its flags lie in memory; glibc then takes clone
    Rule("memfd_create memfd_secret", ENOSYS),  # memory that no rlimit counts
    Rule("shmget msgget semget mq_open"),  # would outlive the run
    Rule("personality", checks=(Check(0, (0, _ALL)),)),
    Rule("setpriority", checks=(_SELF, Check(1, (0,)))),
    Rule("ioprio_set", checks=(Check(0, (1,)), Check(1, (0,)))),
    Rule("sched_setscheduler sched_setparam sched_setattr", checks=(_SELF,)),
    # A limit of 0 on cores, unlike ours of 1, would start the machine's core handler, outside of all walls.
    Rule("prlimit64", checks=(_SELF, Check(1, (4,), never=True))),
    Rule("setrlimit", checks=(Check(0, (4,), never=True),)),
    Rule("migrate_pages move_pages", checks=(_SELF,)),
    # The pin holds for the contestant's own threads too; runtimes that place threads must not fail.
    Rule("sched_setaffinity", PRETEND),
    # With the modes of its folder unchanged, no user of the machine can reach what it leaves there.
    Rule("chmod fchmod fchmodat fchmodat2 setxattr lsetxattr fsetxattr setxattrat", PRETEND),
    # A stopped process could wake itself: timers, and signals of files, may send any signal.
    Rule("timer_create"),
    Rule("timerfd_create"),  # thousands of them would interrupt the rival while their owner is frozen
    # The page cache outlives a process: what steers it is pretended, and what reads it is refused.
    Rule("fadvise64 readahead process_madvise", PRETEND),
    Rule("madvise", PRETEND, (Check(2, (20, 21), never=True),)),  # MADV_COLD, MADV_PAGEOUT
    Rule("mincore cachestat", ENOSYS),
    Rule("preadv2", EOPNOTSUPP, (Check(5, (0,), 0x8),)),  # RWF_NOWAIT
    Rule("fcntl", checks=(Check(1, (10,), never=True),)),  # F_SETSIG
    Rule("ioctl", checks=(Check(1, (0x5412, 0x541C), never=True),)),  # TIOCSTI, TIOCLINUX: type for the user
)

# Without a mount namespace the machine's own sockets and files are in sight, and Landlock
# looks neither at connecting nor at changing modes, owners and times.
_MACHINE_IN_SIGHT = (
    Rule("connect"),
    Rule("socket socketpair", checks=(Check(0, (1,)), Check(1, (1, 5), 0xF))),  # no datagrams to an address
    Rule("chown lchown fchown fchownat utime utimes futimesat utimensat file_setattr", PRETEND),
    Rule("removexattr lremovexattr fremovexattr removexattrat", PRETEND),
)


OWN_PID = 0x3FFFFFFD
"""Stands in a program for the pid of the process that loads it; no pid is as large."""

# For kernels whose Landlock does not hold signals yet (before its ABI 6).
_SIGNALS_TO_SELF_ONLY = (
    Rule("kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", checks=(Check(0, (0, OWN_PID)),)),
    Rule("tkill pidfd_send_signal"),
)


def missing() -> str | None:
    """Why there is no filter for this machine, in words; None where its system calls are known."""
    if platform.machine() in ARCHITECTURES:
        return None
    return f"no seccomp filter for {platform.machine()}; known: {', '.join(ARCHITECTURES)}"


def rules_with_loopback() -> tuple[Rule, ...]:
    """The rules for a sandbox whose network namespace holds nothing but its own loopback."""
    families = Rule("socket socketpair", checks=(Check(0, _INTERNET),))
    return (families, *(rule for rule in RULES if "socketpair" not in rule.calls))


def rules_in_sight(signals_held: bool) -> tuple[Rule, ...]:
    """The rules for a sandbox that shares the machine's files and processes.

    ``signals_held`` says that something else keeps the process from signalling others.
    """
    chosen = tuple(rule for rule in RULES if "socketpair" not in rule.calls) + _MACHINE_IN_SIGHT
    return chosen if signals_held else chosen + _SIGNALS_TO_SELF_ONLY


def program(chosen: tuple[Rule, ...] = RULES, machine: str = platform.machine()) -> bytes:
    """Assemble the filter: an array of ``struct sock_filter``. Raises KeyError for an unknown machine."""
    which = list(ARCHITECTURES).index(machine) if machine in ARCHITECTURES else -1
    code = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, ARCHITECTURES[machine], 1, 0),
        _instruction(_RETURN, KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        code += [_instruction(_AT_LEAST, _X32, 0, 1), _instruction(_RETURN, KILL)]
    for rule in chosen:
        block = list(_block(rule))
        for name in rule.calls.split():
            number = NUMBERS[name][which]
            if number is not None:
                code += [_instruction(_EQUAL, number, 0, len(block)), *block]
    return b"".join([*code, _instruction(_RETURN, ALLOW)])


def _block(rule: Rule) -> Iterator[bytes]:
    """The instructions after a call's number has matched; every path through them ends in a verdict."""
    for check in rule.checks:
        yield _instruction(_LOAD, _ARGUMENTS + 8 * check.argument)
        if check.mask != _ALL:
            yield _instruction(_AND, check.mask)
        for remaining, value in zip(range(len(check.values), 0, -1), check.values, strict=True):
            # A jump of `remaining` leads past the verdict below, one less leads to it.
            if check.never:
                yield _instruction(_EQUAL, value, remaining - 1, 1 if remaining == 1 else 0)
            else:
                yield _instruction(_EQUAL, value, remaining, 0)
        yield _instruction(_RETURN, rule.verdict)
    yield _instruction(_RETURN, ALLOW if rule.checks else rule.verdict)


def _instruction(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, k)
