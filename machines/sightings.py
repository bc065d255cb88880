"""When each machine last answered, what it offers and what it does, as the dispatcher saw it.

One small file a machine in the host's home, so that pages and metrics need no connection to the cluster.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.files import write_whole
from machines.description import MachineDescription

_FRESH_S = 5.0


class Sighting(BaseModel):
    """A machine at its last beat, in seconds since 1970; ``runs`` says what it evaluates, how far.

    ``log`` is the file that gets what it prints, where there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    machine: MachineDescription
    at: float
    runs: str = ""
    log: Path | None = None


class Sightings:
    """The sightings of a host, by public key."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "machines" / "seen"
        self._noted: dict[str, tuple[float, str]] = {}

    def note(self, machine: MachineDescription, runs: str = "", log: Path | None = None) -> None:
        """Note that a machine answered; the same is written again after five seconds."""
        now = time.time()
        at, before = self._noted.get(machine.public_key, (0.0, ""))
        if runs == before and now - at < _FRESH_S:
            return
        self._noted[machine.public_key] = now, runs
        self._folder.mkdir(parents=True, exist_ok=True)
        sighting = Sighting(machine=machine, at=now, runs=runs, log=log)
        write_whole(self._folder / f"{machine.public_key}.json", sighting.model_dump_json().encode() + b"\n")

    def all(self) -> Mapping[str, Sighting]:
        """Return the last sighting of each machine; those of other versions are left out."""
        found: dict[str, Sighting] = {}
        for file in self._folder.glob("*.json"):
            try:
                found[file.stem] = Sighting.model_validate_json(file.read_bytes())
            except (OSError, ValidationError):
                continue
        return found
