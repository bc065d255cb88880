"""The filter's program, run by a small BPF machine for both architectures."""

from __future__ import annotations

import errno
import struct

import pytest

from harness.sandbox import seccomp
from harness.sandbox.syscalls import NUMBERS

X86, ARM = "x86_64", "aarch64"
ALLOW, KILL = seccomp.ALLOW, seccomp.KILL
NEWUSER, THREAD_FLAGS, FORK_FLAGS = 0x10000000, 0x3D0F00, 0x1200011


def run(program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0) -> int:
    """Interpret the classic BPF that seccomp knows on one ``struct seccomp_data``."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *(a % 2**64 for a in padded))
    accumulator = at = 0
    while True:
        code, if_true, if_false, k = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        match code:
            case 0x20:
                accumulator = struct.unpack_from("<I", data, k)[0]
            case 0x54:
                accumulator &= k
            case 0x15:
                at += if_true if accumulator == k else if_false
            case 0x35:
                at += if_true if accumulator >= k else if_false
            case 0x06:
                return int(k)
            case _:
                raise AssertionError(f"no instruction of seccomp's: {code:#x}")


def verdict(machine: str, call: str, *arguments: int, rules: tuple[seccomp.Rule, ...] = seccomp.RULES) -> int:
    number = NUMBERS[call][machine == ARM]
    assert number is not None
    return run(seccomp.program(rules, machine), number, arguments, seccomp.ARCHITECTURES[machine])


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("socket", (1, 1), ALLOW),
        ("socket", (1, 2), ALLOW),
        ("socket", (2, 1), seccomp.EPERM),
        ("socket", (10, 2), seccomp.EPERM),
        ("socket", (2 | 1 << 32, 1), seccomp.EPERM),
        ("socketpair", (1, 2), ALLOW),
        ("socketpair", (30, 1), seccomp.EPERM),
        ("io_uring_setup", (), seccomp.EPERM),
        ("ptrace", (16, 1), seccomp.EPERM),
        ("process_vm_readv", (1,), seccomp.EPERM),
        ("clone", (FORK_FLAGS,), ALLOW),
        ("clone", (THREAD_FLAGS,), ALLOW),
        ("clone", (FORK_FLAGS | NEWUSER,), seccomp.EPERM),
        ("clone3", (), seccomp.ENOSYS),
        ("unshare", (0x400,), ALLOW),
        ("unshare", (0x80,), seccomp.EPERM),
        ("unshare", (NEWUSER,), seccomp.EPERM),
        ("memfd_create", (), seccomp.ENOSYS),
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0x0040000,), seccomp.EPERM),
        ("setpriority", (0, 0, 19), ALLOW),
        ("setpriority", (0, 4711, 19), seccomp.EPERM),
        ("setpriority", (2, 0, 19), seccomp.EPERM),
        ("prlimit64", (0, 4), seccomp.EPERM),
        ("setrlimit", (4,), seccomp.EPERM),
        ("setrlimit", (7,), ALLOW),
        ("ioprio_set", (1, 0), ALLOW),
        ("ioprio_set", (1, 4711), seccomp.EPERM),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (4711, 7), seccomp.EPERM),
        ("sched_setscheduler", (4711,), seccomp.EPERM),
        ("sched_setaffinity", (4711,), seccomp.PRETEND),
        ("fcntl", (3, 1033), ALLOW),
        ("fcntl", (3, 10, 18), seccomp.EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), seccomp.EPERM),
        ("ioctl", (0, 0x541C), seccomp.EPERM),
        ("fchmod", (3, 0o4755), seccomp.PRETEND),
        ("fchown", (3, 0, 0), ALLOW),
        ("kill", (4711, 9), ALLOW),
        ("connect", (3,), ALLOW),
        ("timerfd_create", (1, 0), seccomp.EPERM),
        ("fadvise64", (3, 0, 0, 4), seccomp.PRETEND),
        ("readahead", (3, 0, 4096), seccomp.PRETEND),
        ("mincore", (0, 4096, 0), seccomp.ENOSYS),
        ("cachestat", (3,), seccomp.ENOSYS),
        ("madvise", (0, 4096, 4), ALLOW),
        ("madvise", (0, 4096, 21), seccomp.PRETEND),
        ("preadv2", (3, 0, 1, 0, 0, 0), ALLOW),
        ("preadv2", (3, 0, 1, 0, 0, 8), seccomp.EOPNOTSUPP),
    ],
)
def test_verdicts(machine: str, call: str, arguments: tuple[int, ...], expected: int) -> None:
    assert verdict(machine, call, *arguments) == expected


@pytest.mark.parametrize("machine", [X86, ARM])
def test_a_machine_in_sight_is_out_of_reach(machine: str) -> None:
    rules = seccomp.rules_in_sight(signals_held=True)

    assert verdict(machine, "connect", 3, rules=rules) == seccomp.EPERM
    assert verdict(machine, "socket", 1, 1 | 0o2000000, rules=rules) == ALLOW  # SOCK_STREAM | SOCK_CLOEXEC
    assert verdict(machine, "socketpair", 1, 5, rules=rules) == ALLOW
    assert verdict(machine, "socketpair", 1, 2, rules=rules) == seccomp.EPERM
    assert verdict(machine, "socket", 2, 1, rules=rules) == seccomp.EPERM
    assert verdict(machine, "fchownat", 3, rules=rules) == seccomp.PRETEND
    assert verdict(machine, "kill", 4711, rules=rules) == ALLOW


@pytest.mark.parametrize("machine", [X86, ARM])
def test_only_itself_is_signalled_where_landlock_does_not_hold_signals(machine: str) -> None:
    rules = seccomp.rules_in_sight(signals_held=False)

    assert verdict(machine, "kill", 4711, 9, rules=rules) == seccomp.EPERM
    assert verdict(machine, "kill", -1, 9, rules=rules) == seccomp.EPERM
    assert verdict(machine, "kill", 0, 9, rules=rules) == ALLOW
    assert verdict(machine, "tgkill", seccomp.OWN_PID, 1, rules=rules) == ALLOW
    assert verdict(machine, "pidfd_send_signal", 3, rules=rules) == seccomp.EPERM
    program = seccomp.program(rules, machine)
    assert program.count(seccomp.OWN_PID.to_bytes(4, "little")) == 4


@pytest.mark.parametrize(("machine", "other"), [(X86, ARM), (ARM, X86)])
def test_another_architecture_is_killed(machine: str, other: str) -> None:
    assert run(seccomp.program(machine=machine), 0, (), seccomp.ARCHITECTURES[other]) == KILL
    i386 = 0x40000003
    assert run(seccomp.program(machine=machine), 0, (), i386) == KILL


def test_x32_is_killed() -> None:
    assert run(seccomp.program(machine=X86), 0x40000000 | 41, (2, 1), seccomp.ARCHITECTURES[X86]) == KILL


@pytest.mark.parametrize("machine", [X86, ARM])
def test_everything_not_spoken_of_is_allowed(machine: str) -> None:
    program = seccomp.program(seccomp.RULES, machine)
    named = {NUMBERS[call][machine == ARM] for rule in seccomp.RULES for call in rule.calls.split()}

    for number in set(range(470)) - named:
        assert run(program, number, (), seccomp.ARCHITECTURES[machine]) == ALLOW


def test_numbers_by_hand() -> None:
    """From the kernel's tables; read, write and futex are nowhere in ours."""
    assert NUMBERS["socket"] == (41, 198)
    assert NUMBERS["clone"] == (56, 220)
    assert NUMBERS["prlimit64"] == (302, 261)
    assert NUMBERS["io_uring_setup"] == (425, 425)
    assert NUMBERS["chmod"] == (90, None)


def test_words_of_the_verdicts() -> None:
    assert seccomp.EPERM == 0x00050001
    assert seccomp.ENOSYS & 0xFFFF == errno.ENOSYS
    with pytest.raises(KeyError):
        seccomp.program(machine="riscv64")
