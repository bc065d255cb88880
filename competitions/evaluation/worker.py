"""The worker: it takes jobs, keeps their leases while it works, and stores what came of them."""

from __future__ import annotations

import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from competitions.evaluation.finishing import Failed, Outcome, discard, finish
from competitions.evaluation.judging import judge
from competitions.queue.leases import LEASE_S, Claim, claim, extend, give_back, lose, reclaim
from competitions.queue.uploads import discard_expired
from competitions.rules.competition import PREDICTIONS
from competitions.store.database import UnusableDatabase, folder_of
from harness.spec.errors import PhotofinishError
from machines.executor import Executor, LocalExecutor, MachineLost, NoMachine
from machines.stopping import Stopped

_IDLE_S = 0.5
_OURS = "the evaluation failed by no fault of yours; the host was told, and no attempt was used"


@dataclass(frozen=True)
class Bench:
    """What a worker works with. ``lease_s`` is how soon others take its job when it is lost.

    ``executor`` evaluates code, here or on other machines; predictions are always scored here.
    """

    engine: sa.Engine
    home: Path
    name: str
    lease_s: float = LEASE_S
    executor: Executor = field(default_factory=LocalExecutor)

    @classmethod
    def here(
        cls, engine: sa.Engine, home: Path, lease_s: float = LEASE_S, executor: Executor | None = None
    ) -> Bench:
        """Return one for this process, with a name that no other has."""
        name = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"
        return cls(engine, home, name, lease_s, executor or LocalExecutor())


def work(bench: Bench, stop: threading.Event) -> None:
    """Work until told to stop. The job at hand is finished first."""
    with _watching(bench):
        while not stop.is_set():
            if not work_once(bench):
                stop.wait(_IDLE_S)


def work_at_once(bench: Bench, stop: threading.Event, count: int) -> None:
    """Work with ``count`` threads, one for each machine that may be busy at the same time."""
    threads = [threading.Thread(target=work, args=(bench, stop), name=f"worker {n}") for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def work_once(bench: Bench) -> bool:
    """Do one job; False where none waits."""
    profiles = (*bench.executor.free_profiles(), PREDICTIONS)
    held = claim(bench.engine, bench.name, bench.lease_s, profiles)
    if held is None:
        return False
    try:
        with _kept(bench, held) as lost:
            outcome = _outcome(bench, held, lost)
    except Stopped:  # it was cancelled, or is another's by now
        return True
    except MachineLost as error:
        _log(bench.home, f"submission {held.submission.id}", error)
        lose(bench.engine, held, str(error))
        return True
    except NoMachine:  # another thread was faster
        give_back(bench.engine, held)
        return False
    except BaseException:
        give_back(bench.engine, held)
        raise
    if not finish(bench.engine, held, outcome):
        discard(bench.home, held, outcome)
    return True


def _outcome(bench: Bench, held: Claim, lost: threading.Event) -> Outcome:
    """Judge a submission; what breaks there that is not its own fault is ours."""
    try:
        return judge(bench.engine, bench.home, held, bench.executor, lost)
    except (MachineLost, NoMachine, Stopped):
        raise
    except Exception as error:
        _log(bench.home, f"submission {held.submission.id}", error)
        return Failed("ours", _OURS)


@contextmanager
def _watching(bench: Bench) -> Iterator[None]:
    """Look after jobs of lost workers and forgotten uploads while the block runs, also while it is busy."""

    def watch() -> bool:
        reclaim(bench.engine, bench.lease_s)
        discard_expired(bench.engine, bench.home)
        return True

    with _repeated(bench, "watch", watch):
        yield


@contextmanager
def _kept(bench: Bench, held: Claim) -> Iterator[threading.Event]:
    """Prolong the lease from a thread of the supervisor while the block runs.

    The event is set when the job is no longer this worker's: it was cancelled, or another has it.
    """
    lost = threading.Event()

    def prolong() -> bool:
        if not extend(bench.engine, held, bench.lease_s):
            lost.set()
        return not lost.is_set()

    with _repeated(bench, f"lease of {held.submission.id}", prolong):
        yield lost


@contextmanager
def _repeated(bench: Bench, what: str, act: Callable[[], bool]) -> Iterator[None]:
    """Repeat an act three times a lease while the block runs, until it returns False."""
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(bench.lease_s / 3):
            try:
                if not act():
                    return
            except (sa.exc.DBAPIError, UnusableDatabase) as error:
                # The database may be back before the lease ends; then all goes on.
                _log(bench.home, what, error)

    thread = threading.Thread(target=repeat, name=what, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _log(home: Path, what: str, error: BaseException) -> None:
    """Write the trace of an error of ours to the host's log, which no participant reads."""
    path = folder_of(home) / "worker.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    trace = str(error) if isinstance(error, PhotofinishError) else "".join(traceback.format_exception(error))
    cause = "".join(traceback.format_exception(error.__cause__)) if error.__cause__ else ""
    with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"{when} {what}: {trace}\n{cause}")
