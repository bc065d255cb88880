"""Process trees from /proc: listing, stopping and killing all processes of one.

Standard library only and light to import: the supervisor inside a sandbox loads this file as well.
A process that vanishes while being looked at is simply not there.
"""

# ruff: noqa: PTH110, PTH123, PTH208 - pathlib takes longer to import than a start may cost
from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SIGKILL, _SIGCONT, _SIGSTOP = 9, 18, 19  # the module `signal` takes longer to import than a start may cost
_LISTS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")
_PAUSE_S = 0.0005


def children(pid: int) -> list[int]:
    """Living and zombie children of a process, whichever of its threads made them."""
    if not _LISTS_CHILDREN:
        return _children_by_parent().get(pid, [])
    listed = []
    for thread in _listed(f"/proc/{pid}/task"):
        listed += [int(child) for child in _read(f"/proc/{pid}/task/{thread}/children").split()]
    return listed


def descendants(pid: int) -> list[int]:
    """Every process below ``pid``, parents before children."""
    listed = _children_by_parent() if not _LISTS_CHILDREN else None
    tree = list(children(pid)) if listed is None else list(listed.get(pid, []))
    for process in tree:  # grows while it is walked
        tree += children(process) if listed is None else listed.get(process, [])
    return tree


def living(pids: Iterable[int]) -> list[int]:
    """Those that are not zombies."""
    return [pid for pid in pids if _state(f"/proc/{pid}") not in "ZX"]


def stop(tree: Callable[[], Iterable[int]], patience_s: float = 5.0) -> bool:
    """Stop a tree until no thread of it runs, proven by two equal readings in a row.

    One reading is not enough: a process seen running late could have woken one seen stopped before.
    Returns whether that was so within ``patience_s``.
    """
    deadline = time.monotonic() + patience_s
    before: list[int] | None = None
    stopped: set[int] = set()
    while time.monotonic() < deadline:
        now = sorted(living(tree()))
        running = [pid for pid in now if pid not in stopped or not _stopped(pid)]
        stopped.update(running)
        if not running and now == before:
            return True
        before = now if not running else None
        _signal(running, _SIGSTOP)
        if running:
            time.sleep(_PAUSE_S)
    return False


def resume(pids: Iterable[int]) -> None:
    """Let stopped processes run again."""
    _signal(pids, _SIGCONT)


def kill(tree: Callable[[], Iterable[int]], patience_s: float = 5.0) -> bool:
    """Kill a tree until nothing of it lives. Returns whether that was so within ``patience_s``."""
    deadline = time.monotonic() + patience_s
    while pids := living(tree()):
        _signal(pids, _SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_S)
    return True


def last_pid() -> int:
    """The newest process id given out here: unchanged means that no process has forked."""
    return int(_read("/proc/loadavg").rsplit(" ", 1)[-1])


def private_bytes(pid: int) -> int:
    """Memory that a process itself has taken: anonymous, shared (tmpfs, memfd), swapped; not file pages."""
    status = _read(f"/proc/{pid}/status")
    return 1024 * sum(_field(status, name) for name in ("RssAnon:", "RssShmem:", "VmSwap:"))


def peak_bytes(pid: int) -> int:
    """The most resident memory that a process had since the last reset (VmHWM), exact however short."""
    return 1024 * _field(_read(f"/proc/{pid}/status"), "VmHWM:")


def reset_peak(pid: int) -> None:
    """Begin a new VmHWM; where that is not allowed the old one stays."""
    try:
        with open(f"/proc/{pid}/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return


def shared_out_bytes(pid: int) -> int:
    """The same with every shared page divided among its users; slower to read, 0 where unreadable."""
    rollup = _read(f"/proc/{pid}/smaps_rollup")
    return 1024 * sum(_field(rollup, name) for name in ("Pss_Anon:", "Pss_Shmem:", "SwapPss:"))


def threads_of(user: int) -> int:
    """How many threads a user runs on this machine."""
    count = 0
    for name in _listed("/proc"):
        if name.isdigit():
            status = _read(f"/proc/{name}/status")
            real = status.partition("\nUid:")[2].split(maxsplit=1)[:1]
            if real == [str(user)]:
                count += int(status.partition("\nThreads:")[2].split(maxsplit=1)[0])
    return count


def _field(text: str, name: str) -> int:
    start = text.find(name)
    return int(text[start + len(name) : text.index("kB", start)]) if start >= 0 else 0


def _stopped(pid: int) -> bool:
    """Whether no thread runs. One that sleeps in the kernel (D: vfork, a disk) stops before it returns."""
    threads = _listed(f"/proc/{pid}/task")
    return all(_state(f"/proc/{pid}/task/{thread}") in "TtDZX" for thread in threads)


def _state(folder: str) -> str:
    """One letter as in proc(5); X where the process is gone."""
    after_name = _read(f"{folder}/stat").rpartition(") ")[2]
    return after_name[:1] or "X"


def _children_by_parent() -> dict[int, list[int]]:
    """One walk over all of /proc, for kernels that do not list children."""
    listed: dict[int, list[int]] = {}
    for name in _listed("/proc"):
        if name.isdigit():
            fields = _read(f"/proc/{name}/stat").rpartition(") ")[2].split()
            if fields:
                listed.setdefault(int(fields[1]), []).append(int(name))
    return listed


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
