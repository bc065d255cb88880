"""What a machine is and what it offers, as it was probed on the machine itself."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from harness.probes.machine import machine
from harness.record.hardware import hardware_class
from harness.sandbox import choose
from harness.spec import PROFILES
from harness.spec.errors import UnknownName
from machines.code_version import code_version


class MachineDescription(BaseModel):
    """A machine: ``public_key`` names it; machines of one ``hardware_class`` may be compared.

    ``isolation`` is the level of its strongest sandbox backend: 1 is the strongest, 4 has no walls.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_key: str
    profiles: tuple[str, ...]
    code_version: str
    hardware_class: str
    cpu: str
    cores: int
    memory_mb: int
    isolation: int


def describe(public_key: str, profiles: tuple[str, ...]) -> MachineDescription:
    """Probe this machine. Raises UnknownName where a profile does not exist."""
    for profile in profiles:
        if profile not in PROFILES:
            raise UnknownName("profile", profile, PROFILES)
    facts, backend = machine(), choose(None)
    return MachineDescription(
        public_key=public_key,
        profiles=profiles,
        code_version=code_version(),
        hardware_class=hardware_class(facts, backend.level),
        cpu=str(facts["cpu"]),
        cores=int(facts["cores"]),
        memory_mb=int(facts["memory_mb"]),
        isolation=backend.level,
    )
