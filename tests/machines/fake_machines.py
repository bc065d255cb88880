"""Machines of a cluster without Ray, honest ones and others, and a host that hands work out to them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.fanning import Left
from harness.spec.errors import UserError
from machines.bundles import Bundle, Results
from machines.code_version import code_version
from machines.description import MachineDescription
from machines.executor import MachineLost
from machines.keys import machine_key
from machines.machine_fan import MachineFan
from machines.parcels import Contents
from machines.ray_cluster import Node, Patience
from machines.working import work_through

Work = Callable[[], Results]
Forge = Callable[["Machine", Bundle, Work, Patience], Results]


def digest(number: int) -> bytes:
    if number == 47:
        raise UserError("47 is not here")
    time.sleep(0.001)
    return hashlib.sha256(str(number).encode()).digest()


def as_it_is(_machine: Machine, _bundle: Bundle, work: Work, _patience: Patience) -> Results:
    return work()


@dataclass
class Machine:
    """A machine without Ray, with a home of its own; ``forge`` changes what it does."""

    home: Path
    forge: Forge = as_it_is
    code: str = field(default_factory=code_version)
    done: list[int] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    @property
    def node(self) -> Node:
        key = machine_key(self.home / "machines").public
        described = MachineDescription(
            public_key=key, profiles=("cpu",), code_version=self.code, hardware_class="a", cpu="a", cores=1,
            memory_mb=1, isolation=4,
        )  # fmt: skip
        return Node(self.home.name, described)


@dataclass
class Machines:
    """A cluster of machines without Ray."""

    machines: dict[str, Machine]
    forgotten: list[str] = field(default_factory=list)

    def forget(self, node: str) -> None:
        self.forgotten.append(node)

    def nodes(self) -> list[Node]:
        return [machine.node for machine in self.machines.values()]

    def work(self, node: str, bundle: Bundle, contents: Contents, patience: Patience) -> Results:
        machine = self.machines[node]

        def fetch(name: str) -> bytes:
            machine.fetched.append(name)
            return contents[name]()

        def work() -> Results:
            results = work_through(bundle, fetch, machine.home)
            machine.done.append(len(results.values))
            return results

        return machine.forge(machine, bundle, work, patience)


@dataclass
class Play:
    """A host with a fan over two machines."""

    home: Path
    one: Machine
    two: Machine
    told: list[str] = field(default_factory=list)

    def fan(self) -> MachineFan:
        cluster = Machines({machine.home.name: machine for machine in (self.one, self.two)})
        return MachineFan(cluster, self.home, self.told.append)  # type: ignore[arg-type]

    def done(self, items: list[int]) -> Iterator[bytes]:
        """Hand on what is left after the first item; a share is two items at least."""
        left = Left(items[1:], 2.5, (items[0], digest(items[0])))
        return self.fan()._over_machines(digest, left)


def dies(_machine: Machine, _bundle: Bundle, work: Work, _patience: Patience) -> Results:
    work()
    raise MachineLost("the machine was lost")


def unsigned(_machine: Machine, _bundle: Bundle, work: Work, _patience: Patience) -> Results:
    results = work()
    return replace(results, values=(results.values[0], *(b"mine" for _ in results.values[1:])))


def signed_by_another(machine: Machine, bundle: Bundle, work: Work, _patience: Patience) -> Results:
    results = work()
    key = machine_key(machine.home / "thief")
    return replace(
        results, signature=key.sign(Results.signed_bytes(bundle.nonce, results.values, results.fault))
    )


def sent_again(machine: Machine, bundle: Bundle, _work: Work, _patience: Patience) -> Results:
    return work_through(replace(bundle, nonce=b"older"), lambda _: b"", machine.home)


def of_another_processor(machine: Machine, bundle: Bundle, _work: Work, _patience: Patience) -> Results:
    values = tuple(b"rounded otherwise" for _ in bundle.items)
    signature = machine_key(machine.home / "machines").sign(Results.signed_bytes(bundle.nonce, values, ""))
    return Results(values, "", signature)


def of_fewer_items(machine: Machine, bundle: Bundle, work: Work, _patience: Patience) -> Results:
    values = work().values[:1]
    signature = machine_key(machine.home / "machines").sign(Results.signed_bytes(bundle.nonce, values, ""))
    return Results(values, "", signature)


def with_a_full_disk(machine: Machine, bundle: Bundle, work: Work, _patience: Patience) -> Results:
    values, fault = work().values[:2], "OSError: No space left on device"
    signature = machine_key(machine.home / "machines").sign(Results.signed_bytes(bundle.nonce, values, fault))
    return Results(values, fault, signature)
