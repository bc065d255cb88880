"""In which blocks of a process pair others used the machine, or slowed it from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

from harness.probes.neighbours import Others
from harness.probes.speed import Speed

LEAST_S = 0.2
"""Readings of shorter stretches are too coarse: blocks are judged together until they take so long.

Where all of them take less, what others used since the processes were started says it for all.
"""


@dataclass
class OthersSeen:
    """What others used: in each stretch ``before`` the first timed query, and in each of the ``blocks``.

    ``spare_cores`` are cores that the submission is not given. With ``trains`` every stretch before the first
    timed query is judged as well: it is what counts. ``speed_s`` are the readings of ``speed`` in each block.
    """

    before: list[Others] = field(default_factory=list)
    blocks: list[Others] = field(default_factory=list)
    spare_cores: int = 0
    trains: bool = False
    speed: Speed = field(default_factory=Speed)
    speed_s: list[float] = field(default_factory=list)

    @property
    def disturbed(self) -> frozenset[int]:
        """Return the numbers of the blocks in which the machine was not ours."""
        everything = range(len(self.blocks))
        if self.trains and any(stretch.disturb(self.spare_cores) for stretch in self.before):
            return frozenset(everything)
        if self._sum(everything).seconds < LEAST_S:
            return frozenset(everything if self.whole.disturb(self.spare_cores) else ())
        groups: list[list[int]] = [[]]
        for number in everything:
            if self._sum(groups[-1]).seconds >= LEAST_S:
                groups.append([])
            groups[-1].append(number)
        found = [group for group in groups if self._sum(group).disturb(self.spare_cores)]
        return frozenset(number for group in found for number in group)

    @property
    def slowed(self) -> frozenset[int]:
        """Return the numbers of the blocks in which the cores were slow, though nobody inside used them."""
        if self.trains:
            return frozenset()
        slow = self.speed.slow(*self.speed_s)
        return frozenset(number for number, each in enumerate(slow) if each) - self.disturbed

    @property
    def slow_now(self) -> bool:
        """Whether the cores were slow during the latest block."""
        return not self.trains and any(self.speed.slow(*self.speed_s[-1:]))

    @property
    def whole(self) -> Others:
        """What they used from the start of the processes to the last block."""
        return reduce(Others.__add__, self.before, self._sum(range(len(self.blocks))))

    def _sum(self, numbers: list[int] | range) -> Others:
        return reduce(Others.__add__, (self.blocks[number] for number in numbers), Others())
