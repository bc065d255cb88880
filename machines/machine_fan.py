"""Trusted work over idle machines of a cluster: on enrolled ones alone, and nothing unsigned is taken."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.fanning import Item, Left, begun_here, fanned
from harness.spec.errors import HarnessError
from machines.bundles import Bundle, Results, bundled
from machines.code_version import code_version
from machines.enrolment import Enrolment
from machines.executor import NoMachine
from machines.handing_out import HandOut
from machines.keys import is_signed
from machines.ray_cluster import Node, Patience, RayCluster
from machines.sightings import Sightings
from machines.stopping import Stopped

_SILENT_S = 30.0
_AGAIN_S = 15.0
"""How long after a machine was busy it is asked again."""
_MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class _Work:
    """What all machines work at. ``sample`` is an item with its value, which each machine must give."""

    function: Callable[[Any], bytes]
    items: Sequence[Any]
    sample: tuple[Any, bytes]
    out: HandOut
    stop: threading.Event


class MachineFan:
    """A ``Fan`` whose long work is done by enrolled, idle machines, and here where there is none.

    ``tell`` is called with a line where a machine is lost or refused; its items are done elsewhere.
    """

    def __init__(self, cluster: RayCluster, home: Path, tell: Callable[[str], None]) -> None:
        self._cluster, self._tell = cluster, tell
        self._enrolment, self._sightings = Enrolment(home), Sightings(home)

    def __call__(self, function: Callable[[Item], bytes], items: Sequence[Item]) -> Iterator[bytes]:
        """Yield the result for each item in order, the same bytes as in one process."""
        return begun_here(function, items, partial(self._over_machines, function))

    def _over_machines(self, function: Callable[[Item], bytes], left: Left[Item, bytes]) -> Iterator[bytes]:
        nodes = [node for node in self._cluster.nodes() if self._may_work(node)]
        if not nodes:
            self._tell("no enrolled machine with this code version answers; the work is done here")
        out = HandOut(left.items, left.pace_s, len(nodes))
        work = _Work(function, left.items, left.sample, out, threading.Event())
        names = {key: machine.name for key, machine in self._enrolment.all().items()}
        threads = [
            threading.Thread(target=self._serve, args=(node, names[node.machine.public_key], work))
            for node in nodes
        ]
        for thread in threads:
            thread.start()
        try:
            yield from out.in_order(partial(fanned, function))
        finally:
            work.stop.set()
            out.end()
            for thread in threads:
                thread.join()

    def _may_work(self, node: Node) -> bool:
        machine = node.machine
        return self._enrolment.may_work(machine.public_key) and machine.code_version == code_version()

    def _serve(self, node: Node, name: str, work: _Work) -> None:
        """Have a machine do shares of the work, until it is over or the machine is lost."""
        try:
            self._have_done(node, work)
        except Stopped:
            pass
        except Exception as error:
            self._cluster.forget(node.id)  # it is asked anew before it gets another share
            self._tell(f"machine {name} is left out, and its share is done elsewhere: {error}")
        finally:
            work.out.leave()
            with suppress(OSError):
                self._sightings.note(node.machine)

    def _have_done(self, node: Node, work: _Work) -> None:
        known = [work.sample]
        while self._may_work(node) and (share := work.out.take(node.machine.cores)):
            try:
                self._do(node, work, share, known)
            except NoMachine:
                work.out.give_back(share)
                with work.out.stepping_aside():
                    work.stop.wait(_AGAIN_S)
            except BaseException:
                work.out.give_back(share, lost=True)
                raise
            else:
                work.out.give_back(share)
                known = []

    def _do(self, node: Node, work: _Work, share: list[int], known: Sequence[tuple[Any, bytes]]) -> None:
        """Have a machine do a share, after items whose values are ``known``; what was done leaves the share.

        Raises HarnessError where it gives other values, or could not do an item.
        """
        items = [*(item for item, _ in known), *(work.items[number] for number in share)]
        bundle, contents = bundled(work.function, items, secrets.token_bytes(16), _MOST_BYTES)
        self._sightings.note(node.machine, f"trusted work: {len(bundle.items):,} items")
        results = self._cluster.work(node.id, bundle, contents, Patience(_SILENT_S, work.stop))
        self._check(bundle, results, node)
        if any(made != value for made, (_, value) in zip(results.values, known, strict=False)):
            raise HarnessError("it computes other bytes than this machine does")
        values = results.values[len(known) :]
        work.out.put(share[: len(values)], values)
        del share[: len(values)]
        if results.fault:
            if len(results.values) >= len(known):
                work.out.do_here(share[0])
            raise HarnessError(results.fault)

    def _check(self, bundle: Bundle, results: Results, node: Node) -> None:
        signed = Results.signed_bytes(bundle.nonce, results.values, results.fault)
        if not is_signed(signed, results.signature, node.machine.public_key):
            raise HarnessError("it returned results that its key did not sign")
        if not self._may_work(node):
            raise HarnessError("it may not work any more")
        if len(results.values) > len(bundle.items) or not (
            results.fault or len(results.values) == len(bundle.items)
        ):
            raise HarnessError(f"it returned {len(results.values)} results of {len(bundle.items)}")
