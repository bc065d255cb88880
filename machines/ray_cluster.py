"""Machines that joined a Ray cluster: which there are, whether they answer, and how work gets to one.

The only file that knows Ray. Nothing is retried or remembered by Ray: what is lost is told, and whoever holds
the job decides.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.spec.errors import NotAvailable
from machines.bundles import Bundle, Results
from machines.description import MachineDescription, describe
from machines.evaluating import evaluate_parcel
from machines.executor import MachineLost, NoMachine
from machines.joining import HOME, MACHINE, PROFILES, authentication
from machines.keys import machine_key
from machines.parcels import Contents, Parcel, Returned
from machines.progress import Told, noting, progress_file, told
from machines.stopping import Stopped
from machines.working import work_through, working_at

BEAT_S = 5.0
"""How often a machine that works is asked whether it is there."""
_LOOK_S = 1.0
_BEGINS_S = 15.0
"""A machine that did not begin with trusted work after this time is busy."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster and how it described itself, by its node id in Ray."""

    id: str
    machine: MachineDescription


@dataclass(frozen=True)
class Patience:
    """How long a machine may be silent before it is lost; nothing is waited for once ``stop`` is set."""

    silent_s: float
    stop: threading.Event


class RayCluster:
    """A connection to a cluster. Raises NotAvailable where Ray is not installed or does not answer."""

    def __init__(self, address: str, home: Path) -> None:
        self._ray = connect(address, home)
        self._described: dict[str, MachineDescription] = {}
        self._kept: dict[str, Any] = {}

    def nodes(self) -> list[Node]:
        """Return the machines that are there and answer."""
        alive = [
            node["NodeID"]
            for node in self._ray.nodes()
            if node["Alive"] and node["Resources"].get(MACHINE, 0) >= 1
        ]
        asked = {node: self._call(node, _described) for node in alive if node not in self._described}
        for node, answer in asked.items():
            if (description := self._answer(answer)) is not None:
                self._described[node] = description
        return [Node(node, self._described[node]) for node in alive if node in self._described]

    def evaluate(
        self, node: str, parcel: Parcel, contents: Contents, patience: Patience, heard: Callable[[Told], None]
    ) -> Returned:
        """Evaluate a parcel on a machine and wait for what it returns; every beat is ``heard``, and the end.

        Raises MachineLost where the machine or its process ends, or does not answer in time, and Stopped.
        """
        kept = {name: [self._shared(contents, name)] for name in parcel.files.values()}
        # Data and tasks serve many parcels; a submission's archive is let go with its parcel.
        self._kept.pop(parcel.files.get("submission", ""), None)
        running = self._call(node, _evaluated, parcel, kept, machine=True)
        asked = (_told, parcel.nonce)
        returned: Returned = self._awaited(node, running, asked, heard, patience)
        if (last := self._answer(self._call(node, *asked))) is not None:
            heard(last)
        return returned

    def work(self, node: str, bundle: Bundle, contents: Contents, patience: Patience) -> Results:
        """Have a machine work through a bundle, and wait for the results.

        Raises NoMachine where it does not begin soon, because something else runs on it; MachineLost as
        ``evaluate`` does; and Stopped.
        """
        kept = {name: [self._shared(contents, name)] for name in bundle.files}
        running = self._call(node, _worked, bundle, kept, machine=True)
        sent = time.monotonic()

        def heard(nonce: str) -> None:
            if nonce != bundle.nonce.hex() and time.monotonic() - sent > _BEGINS_S:
                raise NoMachine(f"something else runs on the machine {node[:12]}")

        results: Results = self._awaited(node, running, (_working_at,), heard, patience)
        return results

    def _awaited(
        self,
        node: str,
        running: Any,
        asked: tuple[Any, ...],
        heard: Callable[[Any], None],
        patience: Patience,
    ) -> Any:
        """Wait for what runs on a machine; every beat, ``heard`` gets what the machine says when ``asked``.

        ``asked`` is a function with its arguments.
        What runs is cancelled where anything is raised: Stopped, MachineLost, or what ``heard`` raises.
        """
        answered, beat = time.monotonic(), self._call(node, *asked)
        try:
            while not self._ray.wait([running], timeout=_LOOK_S)[0]:
                waited_s = time.monotonic() - answered
                if patience.stop.is_set():
                    raise Stopped(f"what ran on machine {node[:12]} was stopped")
                if beat is None and waited_s > BEAT_S:
                    beat = self._call(node, *asked)
                elif beat is not None and self._ray.wait([beat], timeout=0)[0]:
                    heard(self._got(node, beat))
                    answered, beat = time.monotonic(), None
                elif waited_s > patience.silent_s:
                    raise MachineLost(f"the machine {node[:12]} did not answer for {patience.silent_s:.0f} s")
        except BaseException:
            self._ray.cancel(running, force=True)
            raise
        return self._got(node, running)

    def forget(self, node: str) -> None:
        """Ask a machine anew what it is, when it is looked at next."""
        self._described.pop(node, None)

    def close(self) -> None:
        """Leave the cluster."""
        self._ray.shutdown()

    def _shared(self, contents: Contents, name: str) -> Any:
        """Return the reference to an archive in Ray's object store."""
        if name not in self._kept:
            self._kept[name] = self._ray.put(contents[name]())
        return self._kept[name]

    def _call(self, node: str, function: Callable[..., Any], *values: Any, machine: bool = False) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        options: dict[str, Any] = {
            "num_cpus": 0,
            "max_retries": 0,
            "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False),
            "resources": {MACHINE: 1} if machine else {},
        }
        return self._ray.remote(function).options(**options).remote(*values)

    def _answer(self, asked: Any) -> Any:
        """Return an answer, or None from a machine that does not give one in time."""
        try:
            return self._ray.get(asked, timeout=60)
        except self._ray.exceptions.RayError:
            return None

    def _got(self, node: str, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError:
            raise
        except self._ray.exceptions.RayError as error:
            first = str(error).strip().splitlines()[0][:200]
            raise MachineLost(f"the machine {node[:12]} was lost: {first}") from error


def connect(address: str, home: Path) -> Any:
    """Connect to a cluster and return the module ``ray``. Raises NotAvailable."""
    os.environ.update(authentication(home))
    try:
        import ray
    except ImportError:
        raise NotAvailable(
            "Ray is not installed; install the extra: pip install 'photofinish[ray]'"
        ) from None
    try:
        ray.init(address=address, namespace="photofinish", logging_level="error", log_to_driver=False)
    except (ConnectionError, RuntimeError, TimeoutError, ValueError) as error:
        raise NotAvailable(f"no Ray cluster answers at {address}: {error}") from None
    return ray


def _described() -> MachineDescription:
    """Describe the machine this runs on; it was told its home and profiles when it joined."""
    profiles = tuple(os.environ[PROFILES].split(","))
    return describe(machine_key(Path(os.environ[HOME]) / "machines").public, profiles)


def _told(nonce: bytes) -> Told:
    """Answer, and tell how far the evaluation of a parcel is on this machine."""
    return told(Path(os.environ[HOME]), nonce)


def _evaluated(parcel: Parcel, kept: Mapping[str, list[Any]]) -> Returned:
    """Evaluate on the machine this runs on. References in lists are fetched when they are needed."""
    home = Path(os.environ[HOME])
    file = progress_file(home)
    try:
        key = machine_key(home / "machines")
        return evaluate_parcel(parcel, partial(_fetch, kept), home, key, noting(file))
    finally:
        file.unlink(missing_ok=True)


def _worked(bundle: Bundle, kept: Mapping[str, list[Any]]) -> Results:
    """Work through a bundle on the machine this runs on."""
    return work_through(bundle, partial(_fetch, kept), Path(os.environ[HOME]))


def _working_at() -> str:
    """Tell which bundle this machine works at, or did last."""
    return working_at(Path(os.environ[HOME]))


def _fetch(kept: Mapping[str, list[Any]], name: str) -> bytes:
    import ray

    archive: bytes = ray.get(kept[name][0])
    return archive
