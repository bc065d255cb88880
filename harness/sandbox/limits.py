"""The kernel's limits on each process of a sandbox (setrlimit(2)), second to the caps on all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.sandbox import processes

if TYPE_CHECKING:
    from harness.sandbox.policy import Policy

MB = 1_000_000
_THREADS_A_PROCESS = 16
_SPARE_DATA_MB = 1024
_DESCRIPTORS = 1024


def tasks(policy: Policy) -> int:
    """The kernel's cap on processes and threads; processes alone are counted by ``RunningJail.exceeded``."""
    return policy.caps.processes * _THREADS_A_PROCESS


def rlimits(policy: Policy, alone: bool) -> list[tuple[str, int]]:
    """List the rlimits of each process, ``(name, value)``.

    DATA leaves room for memory that is reserved but never touched, such as the stacks of threads: it
    is the second line behind the control group or the polling. NPROC counts a user's processes on the
    whole machine and means nothing for root; ``alone`` says that the user has no others.
    """
    limits = [
        ("RLIMIT_CORE", 1),  # 0 would still start a piped core handler, outside; 1 starts none (core(5))
        ("RLIMIT_FSIZE", policy.caps.disk_mb * MB),
        ("RLIMIT_NOFILE", _DESCRIPTORS),
        ("RLIMIT_MSGQUEUE", 0),
    ]
    if not policy.accelerator.devices:  # drivers reserve address space by the terabyte
        limits.append(("RLIMIT_DATA", (policy.caps.memory_mb + _SPARE_DATA_MB) * MB))
    if alone:
        limits.append(("RLIMIT_NPROC", tasks(policy)))
    elif os.getuid() != 0:
        limits.append(("RLIMIT_NPROC", tasks(policy) + processes.threads_of(os.getuid())))
    return limits
