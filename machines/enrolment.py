"""Which machines may evaluate: the host enrols each by its public key, and may stop it again."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from harness.files import write_whole
from harness.spec.errors import BadData, UnknownName, UserError
from machines.keys import is_public_key

State = Literal["active", "draining", "quarantined", "retired"]


class EnrolledMachine(BaseModel):
    """A machine that the host enrolled; only an ``active`` one gets jobs, ``reason`` says why it is not.

    ``fault`` is the latest that it told of, at ``failed``, in seconds since 1970, and did no job since.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    public_key: str
    state: State = "active"
    reason: str = ""
    fault: str = ""
    failed: float = 0.0

    @property
    def why(self) -> str:
        """Why it gets no job, or few; empty where nothing is known against it."""
        return self.reason or self.fault


_MACHINES = TypeAdapter(tuple[EnrolledMachine, ...])


class Enrolment:
    """The machines that a host enrolled, kept in one file of the host's home."""

    def __init__(self, home: Path) -> None:
        self._file = home / "machines" / "enrolled.json"

    def all(self) -> Mapping[str, EnrolledMachine]:
        """Return the machines by public key. Raises BadData where the file is damaged."""
        if not self._file.exists():
            return {}
        try:
            machines = _MACHINES.validate_json(self._file.read_bytes())
        except ValidationError:
            raise BadData(f"{self._file} is damaged; restore it, or remove it and enrol again") from None
        return {each.public_key: each for each in machines}

    def may_work(self, public_key: str) -> bool:
        """Say whether a machine may get jobs."""
        machine = self.all().get(public_key)
        return machine is not None and machine.state == "active"

    def enrol(self, name: str, public_key: str) -> None:
        """Enrol a machine. Raises UserError where the key is none, or the name is taken by another."""
        if not is_public_key(public_key):
            raise UserError("a machine's key is 64 hexadecimal digits, as 'join' prints it")
        with self._changing() as machines:
            taken = [each for each in machines.values() if each.name == name]
            if taken and taken[0].public_key != public_key:
                raise UserError(f"another machine is called '{name}'; choose another name")
            machines[public_key] = EnrolledMachine(name=name, public_key=public_key)

    def set_state(self, name: str, state: State, reason: str = "") -> None:
        """Change whether a machine gets jobs. Raises UnknownName where none is called so."""
        with self._changing() as machines:
            found = {each.name: each for each in machines.values()}
            if name not in found:
                raise UnknownName("machine", name, found)
            changed = found[name].model_copy(update={"state": state, "reason": reason})
            machines[changed.public_key] = changed

    def note_fault(self, public_key: str, fault: str) -> None:
        """Keep that a machine told of a fault just now; nothing is wrong with it where the fault is empty."""
        with self._changing() as machines:
            values = {"fault": fault, "failed": time.time() if fault else 0.0}
            machines[public_key] = machines[public_key].model_copy(update=values)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, EnrolledMachine]]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            machines = dict(self.all())
            yield machines
            write_whole(self._file, _MACHINES.dump_json(tuple(machines.values()), indent=1) + b"\n")
