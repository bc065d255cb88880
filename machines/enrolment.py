"""Which machines may evaluate: the host enrols each by its public key, and may stop it again."""

from __future__ import annotations

import fcntl
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
    """A machine that the host enrolled; only an ``active`` one gets jobs, ``reason`` says why it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    public_key: str
    state: State = "active"
    reason: str = ""


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

    @contextmanager
    def _changing(self) -> Iterator[dict[str, EnrolledMachine]]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            machines = dict(self.all())
            yield machines
            write_whole(self._file, _MACHINES.dump_json(tuple(machines.values()), indent=1) + b"\n")
