"""Set a process's limits, then become the command. Started as ``python -I -S launcher.py``.

The plan comes on standard input as one marshalled mapping (json alone would take 15 ms to import):
both ends are the same interpreter, and the writer is the harness. With bubblewrap the command is
bwrap, which puts up the walls; without it, ``supervisor.py`` puts them up.
"""

# ruff: noqa: PTH118, PTH123 - pathlib takes longer to import than a start may cost
from __future__ import annotations

import marshal
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypedDict

    class Plan(TypedDict):
        """The steps before the command; ``folders``, ``user`` and ``confinement`` are for the supervisor."""

        harness: int
        cgroups: list[str]
        cpus: list[int]
        limits: list[tuple[str, int]]
        command: list[str]
        folders: list[str]
        user: int | None
        confinement: Confinement | None

    class Confinement(TypedDict):
        """Landlock's rules, seccomp's program, and the mark in it that stands for the own pid."""

        paths: list[tuple[str, int]]
        program: bytes
        own_pid: bytes


FAILED = 97


def main(become: Callable[[Plan, int], None]) -> None:
    """Read the plan and follow it; errors go to standard error, which is the run's log."""
    plan: Plan = marshal.load(sys.stdin.buffer)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    try:
        harness = os.pidfd_open(plan["harness"])
        if os.getppid() == plan["harness"]:  # else it is gone, and nothing would end what starts here
            become(plan, harness)
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot be put up: {error}\n")
        sys.stderr.flush()
    os._exit(FAILED)


def limit(plan: Plan) -> None:
    """Join the cgroups, set cores and rlimits, and be killed first when the machine runs out of memory."""
    for folder in plan["cgroups"]:
        with open(os.path.join(folder, "cgroup.procs"), "w") as file:
            file.write("0")
    os.sched_setaffinity(0, plan["cpus"])
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    for name, most in plan["limits"]:
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (value, value))


def become_command(plan: Plan, _: int) -> None:
    """Limit this process and replace it."""
    limit(plan)
    os.execv(plan["command"][0], plan["command"])


if __name__ == "__main__":
    main(become_command)
