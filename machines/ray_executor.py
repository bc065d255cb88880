"""Makes evaluations on machines of a Ray cluster: on enrolled ones alone, and nothing unsigned is taken."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.evaluate import Evaluation
from harness.intake.request import EvaluationRequest
from harness.record import read_record
from harness.session.live_log import LiveLog, Tail
from harness.spec import Places, Progress, errors
from harness.spec.errors import BadData, HarnessError, NotAvailable, PhotofinishError
from machines.archives import unpack
from machines.code_version import code_version
from machines.enrolment import Enrolment
from machines.evaluating import MACHINE_FAULT
from machines.executor import Evaluator, MachineLost, NoMachine
from machines.keys import is_signed
from machines.parcels import Parcel, Returned, pack
from machines.progress import Told, in_words
from machines.ray_cluster import Node, Patience, RayCluster
from machines.resting import Resting
from machines.sightings import Sightings


@dataclass(frozen=True)
class Terms:
    """What a machine must be: of ``isolation`` or better, and of ``hardware_class`` where one is named.

    It is lost after ``patience_s`` of silence.
    """

    isolation: int = 3
    patience_s: float = 30.0
    hardware_class: str = ""


_USUAL = Terms()


class RayExecutor:
    """Evaluates on one machine at a time each; machines that are busy here are not asked again."""

    def __init__(self, cluster: RayCluster, home: Path, terms: Terms = _USUAL) -> None:
        self._cluster, self._terms = cluster, terms
        self._enrolment, self._sightings = Enrolment(home), Sightings(home)
        self._busy: set[str] = set()
        self._resting = Resting(self._enrolment)
        self._lock = threading.Lock()

    def free_profiles(self) -> tuple[str, ...]:
        """Return the profiles for which a machine is free, each also with the class of the machine."""
        with self._lock:
            free = [node for node in self._usable() if node.id not in self._busy]
        return tuple(sorted({profile for node in free for profile in node.machine.offers}))

    @contextmanager
    def reserved(self, profile: str, stop: threading.Event | None = None) -> Iterator[Evaluator]:
        """Keep a free machine that offers the profile for the block; several threads may do so at once."""
        with self._lock:
            usable = [node for node in self._usable() if profile in node.machine.offers]
            free = [node for node in usable if node.id not in self._busy]
            if not free:
                raise NoMachine(
                    f"no enrolled machine with this code version is free that offers profile '{profile}'; "
                    "'machines list --ray' shows which there are"
                )
            node = min(free, key=self._resting.preference)
            self._busy.add(node.id)
        with self._kept(node, stop or threading.Event()) as evaluator:
            yield evaluator

    def usable(self, profile: str) -> list[str]:
        """Return the public keys of the machines that may evaluate for a profile."""
        return [node.machine.public_key for node in self._usable() if profile in node.machine.profiles]

    @contextmanager
    def reserved_machine(self, public_key: str) -> Iterator[Evaluator]:
        """Keep one machine for the block. Raises NoMachine where it is busy, gone or may not evaluate."""
        with self._lock:
            free = [node for node in self._usable() if node.id not in self._busy]
            node = next((each for each in free if each.machine.public_key == public_key), None)
            if node is None:
                raise NoMachine(f"the machine {public_key[:12]} is busy, gone or may not evaluate")
            self._busy.add(node.id)
        with self._kept(node, threading.Event()) as evaluator:
            yield evaluator

    @contextmanager
    def _kept(self, node: Node, stop: threading.Event) -> Iterator[Evaluator]:
        """Evaluate on a machine that was marked busy, and free it after the block."""
        try:
            yield partial(self._evaluate, node, stop)
        finally:
            with self._lock:
                self._busy.discard(node.id)

    def _evaluate(
        self,
        node: Node,
        stop: threading.Event,
        request: EvaluationRequest,
        places: Places,
        progress: Progress,
    ) -> Evaluation:
        parcel, contents = pack(request, places, secrets.token_bytes(16))
        name, log, seen = request.submission.name, LiveLog(places.live_log), 0
        machine = self._enrolment.all()[node.machine.public_key].name
        log.say(f"machine {machine}, hardware class {node.machine.hardware_class}")

        def beat(told: Told) -> None:
            nonlocal seen
            what, done, total = told.step or ("", 0, 0)
            progress(what or f"{name}: on machine {node.id[:12]}", done, total)
            log.add(told.printed.after(seen))
            seen = max(told.printed.size, seen)
            self._sightings.note(node.machine, in_words((what or name, done, total)), places.live_log)

        beat(Told(None, Tail(0, b"")))
        patience = Patience(self._terms.patience_s, stop)
        try:
            returned = self._cluster.evaluate(node.id, parcel, contents, patience, beat)
        except MachineLost:
            self._cluster.forget(node.id)  # it gets no other job before it answers
            raise
        except NoMachine:
            self._resting.pass_over(node)
            raise
        try:
            evaluation = _taken(parcel, returned, node, places.records)
        except MachineLost as error:
            self._resting.note(node, str(error))
            self._cluster.forget(node.id)  # it may have become another, by a new version of the code
            raise
        self._resting.clear(node)
        return evaluation

    def _usable(self) -> list[Node]:
        """Return the machines that are enrolled, rested, run the same code and are isolated enough."""
        nodes = self._cluster.nodes()
        for node in nodes:
            if node.id not in self._busy:
                self._sightings.note(node.machine)
        fit = [
            node
            for node in nodes
            if self._enrolment.may_work(node.machine.public_key)
            and node.machine.code_version == code_version()
            and node.machine.isolation <= self._terms.isolation
            and self._terms.hardware_class in {"", node.machine.hardware_class}
        ]
        return self._resting.rested(fit)


def _taken(parcel: Parcel, returned: Returned, node: Node, records: Path) -> Evaluation:
    """Store what a machine sent back, or raise the error it sent.

    Raises MachineLost where the fault is the machine's: another one may do the same job.
    """
    machine = f"the machine {node.id[:12]}"
    signed = Returned.signed_bytes(parcel.nonce, returned.archive, returned.error)
    if not is_signed(signed, returned.signature, node.machine.public_key):
        raise MachineLost(f"{machine} returned a record that its key did not sign")
    kind, message = returned.error
    if kind in {MACHINE_FAULT, NotAvailable.__name__}:
        raise MachineLost(f"{machine} cannot evaluate: {message}")
    if kind:
        raise _error(kind, message)
    try:
        return _stored(returned.archive, records)
    except (BadData, HarnessError) as error:
        raise MachineLost(f"{machine} returned no whole record: {error}") from error


def _error(kind: str, message: str) -> PhotofinishError:
    """Return an error of this project by its name, as it was raised on the machine."""
    known = getattr(errors, kind, None)
    if not (isinstance(known, type) and issubclass(known, PhotofinishError)):
        return HarnessError(f"{kind}: {message}")
    error = known.__new__(known)  # some take other arguments than the message
    error.args = (message,)
    return error


def _stored(archive: bytes, records: Path) -> Evaluation:
    """Put the folder of a record that came from a machine beside the others, named by its own hash."""
    records.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".received-", dir=records) as received:
        unpack(archive, Path(received) / "unpacked")
        (folder,) = (Path(received) / "unpacked").iterdir()
        record = read_record(folder)
        target = records / record.id
        if not target.exists():
            folder.rename(target)
    return Evaluation(record, target)
