"""Machines as lines of text: who is enrolled, who answers, and what each offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from machines.code_version import code_version
from machines.description import MachineDescription
from machines.enrolment import EnrolledMachine


def lines(enrolled: Iterable[EnrolledMachine], address: str, home: Path) -> Iterator[str]:
    """Yield a line for each enrolled machine, and for each other that answers at ``address``."""
    answering = _answering(address, home) if address else {}
    machines = sorted(enrolled, key=lambda each: each.name)
    for machine in machines:
        offered = answering.pop(machine.public_key, None)
        where = "" if not address else f"  {_offer(offered)}" if offered else "  does not answer"
        reason = f" ({machine.why})" if machine.why else ""
        yield f"{machine.name}  {machine.state}{reason}{where}"
    for key, offered in answering.items():
        yield f"{key}  not enrolled  {_offer(offered)}"
    if not machines and not answering:
        yield "no machine is enrolled; 'run_bench.py join' on a machine prints its key"


def _answering(address: str, home: Path) -> dict[str, MachineDescription]:
    from machines.ray_cluster import RayCluster

    cluster = RayCluster(address, home)
    try:
        return {node.machine.public_key: node.machine for node in cluster.nodes()}
    finally:
        cluster.close()


def _offer(machine: MachineDescription) -> str:
    same = "" if machine.code_version == code_version() else f", other code {machine.code_version}"
    return (
        f"{','.join(machine.profiles)}  class {machine.hardware_class}, {machine.cores} cores, "
        f"isolation level {machine.isolation}{same}"
    )
