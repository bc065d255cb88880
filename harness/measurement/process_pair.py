"""What one pair of processes left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.measurement.others_seen import OthersSeen
from harness.probes.usage import Usage
from harness.record import Phase, Timing
from harness.spec import Checkpoint, Lesson, ModelTime, ProcessOutcome, TrainingNotes

if TYPE_CHECKING:
    from harness.spec import Arrays

Split = tuple[int, int, int]
"""Nanoseconds of one request: handed over, at the model, copied back."""
_SLOW_BLOCKS = 0.75
"""A pair is slow where more of its blocks than this share were slow, or not ours."""


@dataclass
class BuildNotes:
    """What happened to the submission before its first timed query.

    ``prepared_mb`` is what ``prepare`` left on disk, ``cached_share`` how much of the data lay in the page
    cache as ``build`` began, ``warmed`` how many queries warmed the model up. ``pace_s`` are the seconds of
    the pieces of the reference's training that ran before and after.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    prepared_mb: float = 0.0
    cached_share: float | None = None
    warmed: int = 1
    pace_s: list[float] = field(default_factory=list)

    @property
    def notes(self) -> TrainingNotes:
        """Return what metrics may be computed from."""
        return TrainingNotes(self.checkpoints, self.prepared_mb, self.cached_share, self.pace_s)


@dataclass
class Resources:
    """What the submission's processes used: in all, at their peak, and while they had to be still.

    ``lesson_costs`` are the CPU seconds and the growth of memory in 10**6 bytes of each lesson. ``others`` is
    what other processes used of the machine: before the first timed query, and in each block.
    """

    usage: Usage | None = None
    idle_cpu_s: float = 0.0
    lesson_costs: list[tuple[float, float]] = field(default_factory=list)
    others: OthersSeen = field(default_factory=OthersSeen)


@dataclass
class Splits:
    """How the time of each timed request divides, of both sides; ``sent`` are the bytes of its query."""

    submission: list[Split] = field(default_factory=list)
    reference: list[Split] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)


@dataclass
class HostNotes:
    """What came from inside the sandbox: the log, and what a browser's host noted."""

    log: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class ProcessPair:
    """One pair of processes; filled while it runs, so that a failure keeps the rest.

    ``phases`` and ``answers`` are the submission's; ``lessons`` are the timings of ``model.update``.
    ``again`` says that it takes the place of a pair that others disturbed.
    """

    again: bool = False
    phases: dict[str, Phase] = field(default_factory=dict)
    answers: dict[int, Arrays] = field(default_factory=dict)
    timings: list[Timing] = field(default_factory=list)
    lessons: list[Timing] = field(default_factory=list)
    splits: Splits = field(default_factory=Splits)
    build: BuildNotes = field(default_factory=BuildNotes)
    resources: Resources = field(default_factory=Resources)
    host: HostNotes = field(default_factory=HostNotes)

    @property
    def disturbed(self) -> bool:
        """Whether the machine was not ours for more than half of the blocks."""
        return 2 * len(self.resources.others.disturbed) > len(self.resources.others.blocks)

    @property
    def slowed(self) -> bool:
        """Whether the cores were slow, or not ours, for more than three quarters of the blocks."""
        seen = self.resources.others
        return not self.disturbed and len(seen.disturbed | seen.slowed) > _SLOW_BLOCKS * len(seen.blocks)

    @property
    def touched(self) -> bool:
        """Whether others used the machine in any of the blocks, or in the pair whose place this one takes."""
        return self.again or bool(self.resources.others.disturbed)

    @property
    def undisturbed(self) -> list[Timing]:
        """Return the timings of blocks in which the machine was ours and at its speed.

        Where there is no such block, of those in which it was ours, and else all of them.
        """
        seen = self.resources.others
        for skipped in (seen.disturbed | seen.slowed, seen.disturbed):
            left = [timing for timing in self.timings if timing.block not in skipped]
            if left:
                return left
        return self.timings

    @property
    def taught(self) -> list[Lesson]:
        """Return the lessons in order, each with what it cost."""
        return [
            Lesson(one.query, one.submission_ns / 1e9, *cost)
            for one, cost in zip(self.lessons, self.resources.lesson_costs, strict=True)
        ]

    @property
    def outcome(self) -> ProcessOutcome:
        """Return what metrics may be computed from."""
        splits = zip(self.timings, self.splits.submission, self.splits.reference, strict=False)
        return ProcessOutcome(
            answers=self.answers,
            seconds={name: phase.seconds for name, phase in self.phases.items()},
            asked=[(one.query, one.submission_ns / 1e9) for one in self.timings if one.count == 1],
            taught=self.taught,
            at_model=[
                ModelTime(timing.query, submission[1] / 1e9, reference[1] / 1e9)
                for timing, submission, reference in splits
                if timing.count == 1
            ],
            training=self.build.notes,
        )
