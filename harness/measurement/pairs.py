"""Time a submission and a frozen reference in turns on the same queries.

Each pair is a fresh process of both. Blocks of queries go to the two in ABBA order, and the one that is
not being timed is frozen, so that a drift of the machine's speed affects both alike. The timed answers
are the ones that are scored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from statistics import fmean

from harness.interactions import Training
from harness.measurement import pacing, schedule
from harness.measurement.others_seen import OthersSeen
from harness.measurement.participant import Participant, ignore_answers
from harness.measurement.process_pair import BuildNotes, ProcessPair, Splits
from harness.measurement.run_plan import RunPlan
from harness.measurement.schedule import Share, turns
from harness.probes.neighbours import Neighbours
from harness.probes.speed import Speed
from harness.probes.usage import cpu_seconds, usage
from harness.record import Timing
from harness.session.log import LogCallback
from harness.session.wire import TimedReply
from harness.spec import Checkpoint
from harness.spec.errors import HarnessError, SubmissionError

_PATIENCE_S, _PATIENCE_A_BLOCK_S = 6.0, 2.0
"""How long a process waits for others to leave the machine alone: in all, and before one block."""
_PATIENCE_FOR_SPEED_S = 0.25
"""How long it waits in all for slow cores to be fast again."""


def run_pair(
    run_plan: RunPlan,
    number: int,
    share: Share,
    pair: ProcessPair,
    on_progress: Callable[[int], None],
    on_log: LogCallback | None = None,
    speed: Speed | None = None,
) -> None:
    """Run one fresh pair of processes through one share, filling ``pair``; ``on_log`` gets its log at once.

    ``speed`` reads the cores around every turn.

    Raises SubmissionError for the contestant's faults and HarnessError where the reference fails.
    """

    def keep(request: Sequence[int], timed: TimedReply) -> None:
        for index, answer in zip(request, session.answers(timed, len(request)), strict=True):
            checked = run_plan.task.answer.check(answer, run_plan.queries[index])
            if index in timed_here:  # of the warm-up's other queries no answer is scored
                pair.answers[index] = checked

    timed_here = frozenset(share.timed)
    with (
        run_plan.open_session(number, on_log) as session,
        run_plan.open_session(number, role="reference") as opponent,
    ):
        ours = Participant(session, run_plan, keep)
        theirs = Participant(opponent, run_plan, ignore_answers)
        pair.phases = ours.phases
        neighbours = Neighbours(lambda: [*session.tree(), *opponent.tree()])
        pair.resources.others = OthersSeen(
            spare_cores=run_plan.spare_cores,
            trains=isinstance(run_plan.task.interaction, Training),
            speed=speed or Speed(run_plan.cores),
        )
        try:
            _build(run_plan, share, (ours, theirs), pair, neighbours)
            ours.phase(
                "steady",
                lambda: _take_turns(run_plan, number, share, (ours, theirs), pair, neighbours, on_progress),
            )
            pair.resources.usage = usage(session.tree())
        finally:
            pair.splits = Splits(ours.splits, theirs.splits, ours.sent)
            pair.resources.lesson_costs = ours.lesson_costs
            with suppress(SubmissionError):  # of a page that died or hangs no more can be learnt
                session.thaw()
                pair.host.report = session.report()
            pair.host.log = session.log_text()


def _build(
    run_plan: RunPlan,
    share: Share,
    sides: tuple[Participant, Participant],
    pair: ProcessPair,
    neighbours: Neighbours,
) -> None:
    """Take both sides to where queries can be timed, pieces of the reference's training around ours."""
    ours, theirs = sides
    before = pair.resources.others.before
    paced = pacing.PacedReference(theirs, run_plan.pace) if run_plan.pace else None
    pace_s: list[float] = []
    if paced:
        with _Attributed(run_plan):
            paced.begin()
            neighbours.wait(_PATIENCE_S)
            pace_s += paced.pieces()
        before.append(neighbours.since())
    ours.begin(share)
    ours.session.freeze()
    before.append(neighbours.since())
    with _Attributed(run_plan):
        if paced:
            pace_s += paced.pieces()
            before.append(neighbours.since())
            paced.end(share)
        else:
            theirs.begin(share)
        theirs.session.freeze()
    _note_build(run_plan, ours, pair)
    pair.build.pace_s = pace_s


def _note_build(run_plan: RunPlan, ours: Participant, pair: ProcessPair) -> None:
    """Keep what happened before the first timed query, checkpoints decoded and checked."""
    log = ours.build_log
    pair.build = BuildNotes([], log.prepared_mb, log.cached_share, ours.warmed)
    for checkpoint in log.checkpoints:
        answers = {
            index: run_plan.task.answer.check(ours.session.answers(reply)[0], run_plan.queries[index])
            for index, reply in checkpoint.replies.items()
        }
        pair.build.checkpoints.append(Checkpoint(checkpoint.seconds, answers))


def _take_turns(
    run_plan: RunPlan,
    number: int,
    share: Share,
    sides: tuple[Participant, Participant],
    pair: ProcessPair,
    neighbours: Neighbours,
    on_progress: Callable[[int], None],
) -> float:
    """Go through the share block by block, or until the task has enough; return the submission's seconds."""
    ours, theirs = sides
    seen = pair.resources.others
    lessons = {index for index in share.timed if run_plan.queries[index].teach}
    enough_s = run_plan.task.execution.processes.enough_s
    size = schedule.block_size(theirs.query_s, ours.query_s, run_plan.scenario)
    if math.isfinite(enough_s):
        size = min(size, max(schedule.BLOCK_LEAST, len(share.timed) // schedule.PARTS))
    pieces = _blocks(share, size, seen, neighbours)
    blocks = zip(pieces, turns(run_plan.seed, number), strict=False)
    seconds = 0.0
    for count, (block, submission_first) in enumerate(blocks):
        requests = schedule.requests(block, run_plan.scenario, run_plan.sizes, lessons)
        loaded = [ours.load(request) for request in requests]
        neighbours.since()
        mine = reference = list[int]()
        readings = [seen.speed.read()]
        for turn_of_ours in (submission_first, not submission_first):
            if turn_of_ours:
                mine = ours.turn(requests, loaded)
            else:
                before = cpu_seconds(ours.session.tree())
                with _Attributed(run_plan):
                    reference = theirs.turn(requests, loaded)
                pair.resources.idle_cpu_s += cpu_seconds(ours.session.tree()) - before
            readings.append(seen.speed.read())
        seen.blocks.append(neighbours.since())
        seen.speed_s.append(fmean(readings))
        for request, *both in zip(requests, mine, reference, strict=True):
            timing = Timing(number, count, request[0], len(request), *both)
            (pair.lessons if request[0] in lessons else pair.timings).append(timing)
        on_progress(len(block))
        seconds += sum(mine) / 1e9
        if seconds >= enough_s:
            break
    return seconds


def _blocks(share: Share, size: int, seen: OthersSeen, neighbours: Neighbours) -> Iterator[tuple[int, ...]]:
    """Yield the timed queries in blocks of ``size``.

    Once others were seen to use the machine, a block begins when nobody does; after a slow one, when the
    cores are fast again. Its size stays: a block of another length would have another share of queries that
    find the caches cold.
    """
    patience_s, for_speed_s = _PATIENCE_S, _PATIENCE_FOR_SPEED_S
    for block in share.blocks(size):
        if seen.disturbed or seen.whole.disturb(seen.spare_cores):
            patience_s -= neighbours.wait(min(_PATIENCE_A_BLOCK_S, patience_s))
        if seen.slow_now:
            for_speed_s -= seen.speed.wait(for_speed_s)
        yield block


class _Attributed:
    """What goes wrong with the reference is our fault, with a contestant's own opponent that contestant's."""

    def __init__(self, run_plan: RunPlan) -> None:
        self._run_plan = run_plan

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SubmissionError):
            name = self._run_plan.reference.name
            if self._run_plan.contestants:
                raise type(error)(f"{name}: {error}") from error
            raise HarnessError(f"the reference '{name}' failed: {error}") from error
