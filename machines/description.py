"""What a machine is and what it offers, as it was probed on the machine itself."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pydantic import BaseModel, ConfigDict

from harness.probes.machine import machine
from harness.record.hardware import hardware_class
from harness.sandbox import choose
from harness.spec import PROFILES
from harness.spec.errors import NotAvailable, UnknownName
from machines.code_version import version_on_disk


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

    @property
    def offers(self) -> tuple[str, ...]:
        """What jobs may ask it for: its profiles, each alone and with its class."""
        return offers_of(self.profiles, self.hardware_class)


def of_class(profile: str, hardware: str) -> str:
    """Name a profile on machines of one class, ``cpu@3fa9c1``; without a class it is the profile alone."""
    return f"{profile}@{hardware}" if hardware else profile


def offers_of(profiles: Iterable[str], hardware: str) -> tuple[str, ...]:
    """Name what a machine of a class offers: each profile alone, and each with the class."""
    return tuple(sorted({name for each in profiles for name in (each, of_class(each, hardware))}))


@cache
def class_here() -> str:
    """Return the hardware class of this machine; empty where no sandbox works here."""
    try:
        level = choose(None).level
    except NotAvailable:
        return ""
    return hardware_class(machine(), level)


def describe(public_key: str, profiles: tuple[str, ...]) -> MachineDescription:
    """Probe this machine. Raises UnknownName where a profile does not exist."""
    for profile in profiles:
        if profile not in PROFILES:
            raise UnknownName("profile", profile, PROFILES)
    facts, backend = machine(), choose(None)
    return MachineDescription(
        public_key=public_key,
        profiles=profiles,
        code_version=version_on_disk(),
        hardware_class=hardware_class(facts, backend.level),
        cpu=str(facts["cpu"]),
        cores=int(facts["cores"]),
        memory_mb=int(facts["memory_mb"]),
        isolation=backend.level,
    )
