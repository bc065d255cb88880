"""Machines that joined a Ray cluster: which there are, whether they answer, and how work gets to one.

With ``on_machine.py``, which runs there, the only file that knows Ray. Nothing is retried or remembered by
Ray: what is lost is told, and whoever holds the job decides.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.spec.errors import NotAvailable
from machines.bundles import Bundle, Results
from machines.description import MachineDescription
from machines.executor import MachineLost, NoMachine
from machines.joining import MACHINE, authentication
from machines.on_machine import Answering, described, evaluated, told_of, worked, working
from machines.parcels import Contents, Parcel, Returned
from machines.progress import Told
from machines.stopping import Stopped

BEAT_S = 5.0
"""How often a machine that works is asked whether it is there."""
_LOOK_S = 1.0
_DESCRIBES_S = 60.0
_BEGINS_S = 15.0
"""A machine that did not begin with trusted work after this time is busy."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster and how it described itself, by its node id in Ray.

    It is ``idle`` where nobody's job runs on it, as far as Ray knows: it learns so a second late.
    """

    id: str
    machine: MachineDescription
    idle: bool = True


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
        self._asked: dict[str, Any] = {}
        self._known: set[str] = set()
        self._answering: dict[str, Any] = {}
        self._kept: dict[str, Any] = {}

    def nodes(self) -> list[Node]:
        """Return the machines that are there and answer; one that is new is given a minute to do so."""
        alive = [
            node["NodeID"]
            for node in self._ray.nodes()
            if node["Alive"] and node["Resources"].get(MACHINE, 0) >= 1
        ]
        silent = [node for node in alive if node not in self._described and node not in self._asked]
        self._asked |= {node: self._ask(node, described) for node in silent}
        new = [self._asked[node] for node in silent if node not in self._known]
        self._known.update(silent)
        if new:
            self._ray.wait(new, num_returns=len(new), timeout=_DESCRIBES_S)
        for node, answer in list(self._asked.items()):
            if self._ray.wait([answer], timeout=0)[0]:
                del self._asked[node]
                if (description := self._answer(answer)) is not None:
                    self._described[node] = description
                else:
                    self.forget(node)  # the process that answers for it may have ended alone
        there = [node for node in alive if node in self._described]
        left = self._ray._private.state.available_resources_per_node() if there else {}
        return [Node(node, self._described[node], left.get(node, {}).get(MACHINE, 0) >= 1) for node in there]

    def evaluate(
        self, node: str, parcel: Parcel, contents: Contents, patience: Patience, heard: Callable[[Told], None]
    ) -> Returned:
        """Evaluate a parcel on a machine and wait for what it returns; every beat is ``heard``, and the end.

        Raises MachineLost where the machine or its process ends, or does not answer in time; NoMachine where
        it does not begin in that time, because another host's job runs on it or is not over; and Stopped.
        """
        kept = {name: [self._shared(contents, name)] for name in parcel.files.values()}
        # Data and tasks serve many parcels; a submission's archive is let go with its parcel.
        self._kept.pop(parcel.files.get("submission", ""), None)
        running = self._call(node, evaluated, parcel, kept)
        asked, sent = (told_of, parcel.nonce), time.monotonic()
        begun = False

        def hear(told: Told) -> None:
            nonlocal begun
            begun = begun or told.begun
            if not begun and time.monotonic() - sent > patience.silent_s:
                raise NoMachine(f"something else runs on the machine {node[:12]}")
            heard(told)

        returned: Returned = self._awaited(node, running, asked, hear, patience)
        if (last := self._answer(self._ask(node, *asked))) is not None:
            heard(last)
        return returned

    def work(self, node: str, bundle: Bundle, contents: Contents, patience: Patience) -> Results:
        """Have a machine work through a bundle, and wait for the results.

        Raises NoMachine where it does not begin soon, because something else runs on it; MachineLost as
        ``evaluate`` does; and Stopped.
        """
        kept = {name: [self._shared(contents, name)] for name in bundle.files}
        running = self._call(node, worked, bundle, kept)
        sent = time.monotonic()

        def heard(nonce: str) -> None:
            if nonce != bundle.nonce.hex() and time.monotonic() - sent > _BEGINS_S:
                raise NoMachine(f"something else runs on the machine {node[:12]}")

        results: Results = self._awaited(node, running, (working,), heard, patience)
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
        answered, beat = time.monotonic(), self._ask(node, *asked)
        try:
            while not self._ray.wait([running], timeout=_LOOK_S)[0]:
                waited_s = time.monotonic() - answered
                if patience.stop.is_set():
                    raise Stopped(f"what ran on machine {node[:12]} was stopped")
                if beat is None and waited_s > BEAT_S:
                    beat = self._ask(node, *asked)
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
        """Ask a machine anew what it is; until it answers it is none of those that are there."""
        self._described.pop(node, None)
        self._answering.pop(node, None)

    def close(self) -> None:
        """Leave the cluster."""
        self._ray.shutdown()

    def _shared(self, contents: Contents, name: str) -> Any:
        """Return the reference to an archive in Ray's object store."""
        if name not in self._kept:
            self._kept[name] = self._ray.put(contents[name]())
        return self._kept[name]

    def _ask(self, node: str, function: Callable[..., Any], *values: Any) -> Any:
        """Call a function that is over at once on a machine, in one process that stays there.

        A process for each question would take more of the machine than the question.
        """
        if node not in self._answering:
            self._answering[node] = self._ray.remote(Answering).options(**_on(node)).remote()
        return self._answering[node].answer.remote(function, *values)

    def _call(self, node: str, function: Callable[..., Any], *values: Any) -> Any:
        """Call a function on a machine in a process that may be ended, exclusively."""
        options = {**_on(node), "max_retries": 0, "resources": {MACHINE: 1}}
        return self._ray.remote(function).options(**options).remote(*values)

    def _answer(self, asked: Any) -> Any:
        """Return an answer that has come, or None where the machine was lost before it gave one."""
        try:
            return self._ray.get(asked, timeout=BEAT_S)
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


def _on(node: str) -> dict[str, Any]:
    """Return Ray's options for what runs on one machine and waits for no core of its count."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return {"num_cpus": 0, "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False)}


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
