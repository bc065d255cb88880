"""A cluster of one machine without Ray, and an executor of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from machines.description import MachineDescription, describe
from machines.enrolment import Enrolment
from machines.evaluating import evaluate_parcel
from machines.keys import SigningKey, machine_key
from machines.parcels import Contents, Parcel, Returned
from machines.progress import Told, told
from machines.ray_cluster import Node, Patience
from machines.ray_executor import RayExecutor

PATIENCE = Patience(1, threading.Event())


@dataclass
class OneMachine:
    """A cluster of one machine without Ray; ``changed`` forges what it is or sends back."""

    home: Path
    changed: Mapping[str, Any] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    @property
    def key(self) -> SigningKey:
        return machine_key(self.home / "machines")

    def nodes(self) -> list[Node]:
        described = describe(self.key.public, ("edge",))
        names = set(MachineDescription.model_fields) & set(self.changed)
        return [Node("0" * 56, described.model_copy(update={name: self.changed[name] for name in names}))]

    def evaluate(
        self,
        _node: str,
        parcel: Parcel,
        contents: Contents,
        _patience: Patience,
        heard: Callable[[Told], None] = lambda _: None,
    ) -> Returned:
        def fetch(name: str) -> bytes:
            self.fetched.append(name.partition("-")[0])
            return contents[name]()

        returned = evaluate_parcel(parcel, fetch, self.home, self.changed.get("key", self.key))
        heard(told(self.home, parcel.nonce))
        heard(told(self.home, parcel.nonce))
        return replace(returned, **{k: v for k, v in self.changed.items() if k in ("archive", "signature")})

    def forget(self, node: str) -> None:
        self.forgotten.append(node)


def executor(host: Path, machine: OneMachine) -> RayExecutor:
    Enrolment(host).enrol("one", machine.key.public)
    return RayExecutor(machine, host)  # type: ignore[arg-type]
