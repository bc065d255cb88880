"""What a sandboxed process may see and use, and how the harness handles it while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.spec.profile import NO_ACCELERATOR, Accelerator


@dataclass(frozen=True)
class Caps:
    """What all processes of one sandbox together may use: cores, memory, number of processes, disk."""

    cpus: frozenset[int]
    memory_mb: int
    processes: int
    disk_mb: int


@dataclass(frozen=True)
class Policy:
    """What one sandbox may see and use.

    ``readable`` are files and folders seen read-only at their own paths, ``workdir`` is the one
    writable folder (HOME and TMPDIR are private and small). Nothing else of the machine exists
    for the process but what every Python needs (shared libraries, /dev/null and the like), and the
    devices of the ``accelerator``. With ``loopback`` it has a network of its own that ends at itself, as a
    browser needs; without it, none.
    """

    readable: tuple[Path, ...]
    workdir: Path
    caps: Caps
    accelerator: Accelerator = NO_ACCELERATOR
    loopback: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


class Jail(Protocol):
    """One running sandbox as seen from outside. Its process tree is the submission's."""

    pid: int
    """The direct child of the harness."""
    pidfd: int
    """Becomes readable when the direct child ends; owned by the jail."""

    def tree(self) -> tuple[int, ...]:
        """Every living process of the sandbox, also daemonised ones, in the harness's pid space."""
        ...

    def freeze(self) -> None:
        """Stop every process of the tree from running; returns when none runs."""
        ...

    def thaw(self) -> None:
        """Let the tree run again."""
        ...

    def exceeded(self) -> str | None:
        """Poll the caps that the kernel does not enforce here (memory, processes, disk).

        Returns ``"memory"``, ``"processes"``, ``"disk"`` or None. Cheap enough for every 10 ms.
        """
        ...

    def begin_memory_peak(self) -> None:
        """Begin a new peak of the tree's memory."""
        ...

    def memory_peak_mb(self) -> float:
        """The peak of the tree's memory since it was begun, in 10**6 bytes; see ``sandbox/memory.py``."""
        ...

    def close(self) -> None:
        """Kill the whole tree, reap it, free every descriptor and cgroup. Idempotent."""
        ...


class Backend(Protocol):
    """One way of isolating a process on this machine."""

    @property
    def level(self) -> int:
        """1 is the strongest."""
        ...

    @property
    def name(self) -> str:
        """What ``--isolation`` calls it."""
        ...

    @property
    def safe(self) -> bool:
        """Whether what ran here may be ranked."""
        ...

    @property
    def loopback(self) -> bool:
        """Whether a process can be given loopback sockets, as a browser needs them."""
        ...

    def missing(self) -> str | None:
        """What keeps this backend from working here, in words; None where a real start, once, worked."""
        ...

    def details(self) -> Mapping[str, str]:
        """The mechanism behind each wall here (``memory: cgroup v1`` …), for the record."""
        ...

    def launch(self, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int) -> Jail:
        """Start ``command`` inside.

        ``keep`` are descriptors it inherits under the same numbers, ``output`` is where its standard
        output and error go; standard input is empty. Raises NotAvailable where the policy cannot be kept.
        """
        ...
