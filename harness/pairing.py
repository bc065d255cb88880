"""Paired measurement: a submission and the frozen reference take turns on the same queries.

Each replicate is a fresh process of both. Blocks of queries go to the two in ABBA order, and
whoever is not being timed is frozen, so that a drift of the machine's speed meets both alike. The
timed answers are the ones that are scored.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness import plan
from harness.driver import Session, Timed
from harness.errors import HarnessError, SubmissionError
from harness.log import Heard
from harness.plan import Share, turns
from harness.probes.usage import Usage, cpu_seconds, usage
from harness.record import Phase
from harness.side import Bout, Pause, Side, unheard
from harness.spec import Checkpoint

if TYPE_CHECKING:
    from harness.spec import Arrays


@dataclass(frozen=True)
class Timing:
    """One timed request: its replicate and block, its first query and how many it held,

    and the nanoseconds of both sides.
    """

    replicate: int
    block: int
    query: int
    count: int
    submission_ns: int
    reference_ns: int


@dataclass
class Replicate:
    """What one pair of processes left behind; filled while it runs, so that a failure keeps the rest.

    ``splits`` are nanoseconds of each timed request: handed over, at the model, copied back.
    ``report`` is what a browser's host noted.
    """

    phases: dict[str, Phase] = field(default_factory=dict)
    answers: dict[int, Arrays] = field(default_factory=dict)
    timings: list[Timing] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    prepared_mb: float = 0.0
    cached_share: float | None = None
    warmed: int = 1
    usage: Usage | None = None
    kernel_peak_mb: float | None = None
    idle_cpu_s: float = 0.0
    splits: list[tuple[int, int, int]] = field(default_factory=list)
    report: Mapping[str, Any] = field(default_factory=dict)
    log: str = ""


def run_replicate(
    bout: Bout,
    number: int,
    share: Share,
    left: Replicate,
    tick: Callable[[int], None],
    heard: Heard | None = None,
) -> None:
    """Run one fresh pair of processes through one share, filling ``left``; ``heard`` gets its log at once.

    Raises SubmissionError for the contestant's faults and HarnessError where the reference fails.
    """
    seed = bout.seed + number

    def keep(request: Sequence[int], timed: Timed) -> None:
        for index, answer in zip(request, session.answers(timed, len(request)), strict=True):
            left.answers[index] = bout.task.check(answer, bout.queries[index])

    training = bout.task.training
    stand = bout.stand_of(number)
    rehearsing = replace(stand, params={**stand.params, **(training.rehearsal if training else {})})
    with (
        Session(stand, bout.submission, seed, heard) as session,
        Session(rehearsing, bout.reference, seed) as opponent,
    ):
        ours, theirs = Side(session, bout, keep), Side(opponent, bout, unheard)
        left.phases = ours.phases
        try:
            ours.begin(share)
            session.freeze()
            left.warmed = ours.warmed
            left.prepared_mb, left.cached_share = ours.prepared_mb, ours.cached_share
            left.checkpoints = [_checkpoint(bout, session, pause) for pause in ours.pauses]
            with _Attributed(bout):
                theirs.begin(share)
                opponent.freeze()
            ours.phase("steady", lambda: _take_turns(bout, number, share, ours, theirs, left, tick))
            left.usage = usage(session.tree())
            left.kernel_peak_mb = session.memory_peak_mb()
        finally:
            left.splits = ours.splits
            with suppress(SubmissionError):  # of a page that died or hangs no more can be learnt
                session.thaw()
                left.report = session.report()
            left.log = session.log_text()


def _checkpoint(bout: Bout, session: Session, pause: Pause) -> Checkpoint:
    answers = {index: session.answers(timed)[0] for index, timed in pause.answers.items()}
    checked = {index: bout.task.check(answer, bout.queries[index]) for index, answer in answers.items()}
    return Checkpoint(pause.seconds, checked)


def _take_turns(
    bout: Bout,
    number: int,
    share: Share,
    ours: Side,
    theirs: Side,
    left: Replicate,
    tick: Callable[[int], None],
) -> float:
    """Go through the share block by block; returns the seconds the submission took."""
    size = plan.block_size(theirs.phases["warm_up"].seconds / theirs.warmed, bout.scenario)
    for count, (block, first) in enumerate(zip(share.blocks(size), turns(bout.seed, number), strict=False)):
        requests = plan.requests(block, bout.scenario, bout.most_at_once)
        loaded = [[bout.queries[index].load() for index in request] for request in requests]
        mine = ours.turn(requests, loaded) if first else []
        before = cpu_seconds(ours.session.tree())
        with _Attributed(bout):
            reference = theirs.turn(requests, loaded)
        left.idle_cpu_s += cpu_seconds(ours.session.tree()) - before
        mine = mine or ours.turn(requests, loaded)
        left.timings += [
            Timing(number, count, request[0], len(request), *both)
            for request, *both in zip(requests, mine, reference, strict=True)
        ]
        tick(len(block))
    return sum(timing.submission_ns for timing in left.timings) / 1e9


class _Attributed:
    """What goes wrong with the reference is our fault, with a contestant's own opponent that contestant's."""

    def __init__(self, bout: Bout) -> None:
        self._bout = bout

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SubmissionError):
            name = self._bout.reference.name
            if self._bout.contestants:
                raise type(error)(f"{name}: {error}") from error
            raise HarnessError(f"the reference '{name}' failed: {error}") from error


def log_ratios(replicates: Sequence[Replicate]) -> list[list[float]]:
    """Per process, the paired log ratios of its queries: log(submission / reference)."""
    return [
        [math.log(timing.submission_ns / timing.reference_ns) for timing in left.timings]
        for left in replicates
    ]


def median_phases(replicates: Sequence[Replicate]) -> dict[str, Phase]:
    """Median over the replicates of each phase's seconds and peak."""
    phases: dict[str, Phase] = {}
    for name in replicates[0].phases if replicates else ():
        met = [left.phases[name] for left in replicates if name in left.phases]
        peaks = [phase.memory_peak_mb for phase in met if phase.memory_peak_mb is not None]
        phases[name] = Phase(
            seconds=statistics.median(phase.seconds for phase in met),
            memory_peak_mb=statistics.median(peaks) if peaks else None,
        )
    return phases


def unpaired_ratio(replicates: Sequence[Replicate]) -> float:
    """What measuring one after the other would say: the submission's median in the first half of the

    processes over the reference's in the second half. Not a number where one process ran.
    """
    half = len(replicates) // 2
    mine = [timing.submission_ns for left in replicates[:half] for timing in left.timings]
    reference = [timing.reference_ns for left in replicates[half:] for timing in left.timings]
    return statistics.median(mine) / statistics.median(reference) if mine and reference else math.nan


def drift(replicates: Sequence[Replicate]) -> float:
    """The reference's own change of speed between the halves of a process: the median factor.

    Not the largest, which grows with the processes: a noisy day that takes more of them would be held
    against the record twice.
    """
    return _typical_change([[t.reference_ns / t.count for t in left.timings] for left in replicates])


def trend(replicates: Sequence[Replicate]) -> float:
    """The paired ratio's change between the halves of the processes: the median factor."""
    return _typical_change([[t.submission_ns / t.reference_ns for t in left.timings] for left in replicates])


def _typical_change(processes: Sequence[Sequence[float]]) -> float:
    return statistics.median(map(_change, processes)) if processes else 1.0


def _change(values: Sequence[float]) -> float:
    half = len(values) // 2
    if not half:
        return 1.0
    change = statistics.median(values[half:]) / statistics.median(values[:half])
    return max(change, 1 / change)
