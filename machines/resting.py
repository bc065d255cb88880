"""Which machines get no job for a while, or the last: those that told of a fault, and those that are busy."""

from __future__ import annotations

import time
from collections.abc import Sequence

from machines.enrolment import Enrolment
from machines.ray_cluster import Node

REST_S = 60.0
LONGEST_S = 3600.0


class Resting:
    """The latest fault of each machine, such as a full disk, until it has done a job or is enrolled again.

    It gets no job for a minute, and none for an hour while others offer all that it offers: else it would
    fail one job after another, sooner than the others do theirs. All dispatchers of a host know it.
    """

    def __init__(self, enrolment: Enrolment) -> None:
        self._enrolment = enrolment
        self._busy: dict[str, float] = {}

    def note(self, node: Node, fault: str) -> None:
        """Keep that the machine told of a fault of its own just now."""
        self._enrolment.note_fault(node.machine.public_key, fault)

    def clear(self, node: Node) -> None:
        """Keep that the machine did a job."""
        if self._enrolment.all()[node.machine.public_key].fault:
            self._enrolment.note_fault(node.machine.public_key, "")

    def pass_over(self, node: Node) -> None:
        """Keep that the machine did not begin with a job just now."""
        self._busy[node.id] = time.monotonic()

    def preference(self, node: Node) -> tuple[bool, float]:
        """Return a key that is least for the machine that shall get the next job."""
        return not node.idle, self._busy.get(node.id, 0.0)

    def rested(self, nodes: Sequence[Node]) -> list[Node]:
        """Return those of these enrolled machines that may get a job now."""
        now, enrolled = time.time(), self._enrolment.all()
        failed = {node.id: enrolled[node.machine.public_key].failed for node in nodes}
        rest_s = {node: abs(now - when) for node, when in failed.items()}
        sound = [node for node in nodes if rest_s[node.id] > LONGEST_S]
        others = {offer for node in sound for offer in node.machine.offers}
        return [
            node
            for node in nodes
            if node in sound or (rest_s[node.id] > REST_S and not others.issuperset(node.machine.offers))
        ]
