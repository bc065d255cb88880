"""A running sandbox seen from outside, the same for every backend, and how one is started."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.sandbox import cgroup, cgroup_memory, limits, memory, processes
from harness.sandbox.disk import DiskMeter
from harness.spec.errors import HarnessError

if TYPE_CHECKING:
    from harness.sandbox.launcher import Confinement, Plan
    from harness.sandbox.policy import Policy

HERE = Path(__file__).resolve().parent
MB = 1_000_000

Beyond = Literal["memory", "processes", "disk"]


class RunningJail:
    """Implements ``policy.Jail``. Above the submission's processes are our own: the *wrappers*.

    With bubblewrap two, its monitor and the first process of the pid namespace, both in the control
    group; else one, the supervisor, outside of it.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        wrappers: int,
        group: cgroup.Group | None,
        policy: Policy,
        keep: Sequence[int],
    ) -> None:
        self.pid = process.pid
        self.pidfd = os.pidfd_open(process.pid)
        self.group = group
        self._process = process
        self._wrappers = wrappers
        self._policy = policy
        self._disk = DiskMeter(policy.workdir)
        ours = frozenset(os.fstat(descriptor).st_ino for descriptor in keep)
        self._tree_memory = memory.TreeMeter(policy.workdir, self._private_files_bytes, ours)
        self._account = cgroup_memory.account(group.folders) if group else None
        self._memory = memory.GroupMeter(self._account) if self._account else self._tree_memory
        self._first = process.pid if wrappers == 1 else 0
        self._known: list[int] = []
        self._known_at = -1
        self._beyond: Beyond | None = None

    def tree(self) -> tuple[int, ...]:
        """List every living process of the submission, also daemonised ones."""
        return tuple(processes.living(self._members()))

    def freeze(self) -> None:
        """Stop the tree; returns when no thread of it runs."""
        if self.group and "freeze" in self.group.holds:
            self.group.freeze()
        elif not processes.stop(self._members):
            raise HarnessError(f"the sandbox of process {self.pid} cannot be stopped")

    def thaw(self) -> None:
        """Let the tree run again."""
        if self.group and "freeze" in self.group.holds:
            self.group.thaw()
        else:
            processes.resume(self._members())

    def exceeded(self) -> Beyond | None:
        """Return the cap that the tree has gone beyond, if any, also after it has shrunk again."""
        if self._beyond is None and self.pidfd >= 0:
            members = self._members_since_last_fork()
            self._memory.look(members)
            if self._memory_exceeded(members):
                self._beyond = "memory"
            elif len(members) > self._policy.caps.processes:
                self._beyond = "processes"
            elif self._disk.exceeds(self._policy.caps.disk_mb * MB, members):
                self._beyond = "disk"
        return self._beyond

    def begin_memory_peak(self) -> None:
        """Begin a new peak of the tree's memory."""
        for pid in self._members():
            processes.reset_peak(pid)
        self._memory.begin()

    def memory_peak_mb(self) -> float:
        """Return the peak of the tree's memory since it was begun, in 10**6 bytes."""
        return self._memory.peak(self._members()) / MB

    def close(self) -> None:
        """Kill and reap everything, free everything."""
        if self.pidfd < 0:
            return
        self.exceeded()
        if self.group and "freeze" in self.group.holds:
            self.group.thaw()
        processes.stop(lambda: [self.pid])  # no new process can be started inside any more
        if self.group and "kill" in self.group.holds:
            self.group.kill()
        processes.kill(self._everything_inside)
        self._process.kill()
        self._process.wait()
        if self._account:
            self._account.close()
        if self.group:
            self.group.close()
        os.close(self.pidfd)
        self.pidfd = -1

    # -- readings ---------------------------------------------------------------------------------

    def _first_process(self) -> int:
        """The wrapper whose descendants are the submission's; 0 while it does not exist yet."""
        if not self._first:
            self._first = next(iter(processes.children(self.pid)), 0)
        return self._first

    def _members(self) -> list[int]:
        first = self._first_process()
        if self.group:
            return [pid for pid in self.group.processes() if pid not in {self.pid, first}]
        return processes.descendants(first) if first else []

    def _everything_inside(self) -> list[int]:
        """The members and the first process of the pid namespace, whose end ends all others."""
        first = self._first_process()
        return [first, *self._members()] if first not in {0, self.pid} else self._members()

    def _members_since_last_fork(self) -> list[int]:
        newest = processes.last_pid()
        if newest != self._known_at:
            self._known, self._known_at = self._members(), newest
        return self._known

    def _memory_exceeded(self, members: Sequence[int]) -> bool:
        if self.group and "memory" in self.group.holds:
            return self.group.out_of_memory_kills() > 0
        cap = self._policy.caps.memory_mb * MB
        in_files = self._tree_memory.held(members)
        used = sum(map(processes.private_bytes, members)) + in_files
        if used <= cap or len(members) == 1:
            return used > cap
        return sum(map(processes.shared_out_bytes, members)) + in_files > cap

    def _private_files_bytes(self) -> int:
        """The bytes in the sandbox's own memory file systems."""
        if self._wrappers != 2 or not self._first_process():
            return 0
        return memory.bytes_in_own(Path(f"/proc/{self._first}/root"), ("tmp", "dev/shm"))


@dataclass(frozen=True)
class Start:
    """How a sandbox is put up.

    ``script`` (``launcher.py`` or ``supervisor.py``) is started with ``environment``; ``wrappers`` is the
    number of our processes above the command. The supervisor makes ``folders``, becomes ``user`` and puts up
    ``confinement`` where they are given.
    """

    script: str
    wrappers: int
    environment: Mapping[str, str]
    folders: Sequence[Path] = ()
    user: int | None = None
    confinement: Confinement | None = None


def start(
    how: Start, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int
) -> RunningJail:
    """Start a command in a sandbox and return the jail around it; see ``policy.Backend.launch``."""
    group = cgroup.create(policy.caps.memory_mb, limits.tasks(policy))
    plan: Plan = {
        "harness": os.getpid(),
        "cgroups": [str(folder) for folder in group.folders.values()] if group else [],
        "cpus": sorted(policy.caps.cpus),
        "limits": limits.rlimits(policy, alone=how.user is not None),
        "command": [str(part) for part in command],
        "folders": [str(folder) for folder in how.folders],
        "user": how.user,
        "confinement": how.confinement,
    }
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(HERE / how.script)],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        pass_fds=tuple(keep),
        env=how.environment,
        start_new_session=True,  # Ctrl-C goes to the harness alone
    )
    assert process.stdin
    with suppress(BrokenPipeError):  # it died: its pidfd and its log say so
        process.stdin.write(marshal.dumps(dict(plan)))
        process.stdin.close()
    return RunningJail(process, how.wrappers, group, policy, keep)


def environment(policy: Policy, home: Path, temporary: Path) -> dict[str, str]:
    """The variables set inside: those of the policy and four that every program needs."""
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home), "TMPDIR": str(temporary)}
    return {**fixed, **policy.environment}
