"""How many processes a run takes: round after round of them until the ratio is known well enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from time import perf_counter

from harness.measurement import copying, pair_statistics, pairs, schedule
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan
from harness.probes.speed import Speed
from harness.session.log import LogCallback
from harness.spec import Progress

PRECISE = 0.01
"""Half the interval of the ratio, at most, on the log scale (0.01: 1 %)."""
_SHARE_FOR_SPEED = 0.5
"""The share of the run's time that pairs on slow cores may take again."""


class Rounds:
    """Number, share and empty pair of one process after another; a round assigns all queries.

    Another round follows while the interval is wider than PRECISE and the task can afford it, so
    that a noisy day costs time, not ranks. The stop looks at the width alone, never at which side is ahead
    (Chow and Robbins 1965, Annals of Mathematical Statistics 36:457): docs/statistics.md has what it costs.
    No round begins after ``most_s`` seconds. A pair of processes during which others used the machine runs
    again, as long as all that ran again took less time than what ran first; one during which the cores were
    slow, as long as it took less than a half of that, and until one ran again in vain: what slows the cores
    then lasts.
    """

    def __init__(self, run_plan: RunPlan, most_s: float = math.inf) -> None:
        afforded, quick = run_plan.task.execution.processes, run_plan.setup.quick
        self.size = afforded.quick if quick else afforded.ranked
        self.most = 1 if quick else afforded.rounds
        self.process_pairs: list[ProcessPair] = []
        self.repeated = 0
        self._spent_s = self._repeated_s = 0.0
        self._most_s = most_s
        self._run_plan = run_plan
        self._speed = Speed(run_plan.cores)
        self.first = self._assign(0)[0]

    def __iter__(self) -> Iterator[tuple[int, schedule.Share, ProcessPair]]:
        for number in range(self.most):
            for share in self._assign(number):
                self.process_pairs.append(ProcessPair())
                yield len(self.process_pairs) - 1, share, self.process_pairs[-1]
            if self._known() or self._spent_s > self._most_s:
                return

    def run(
        self, title: str, progress: Progress, listen: Callable[[int], LogCallback] | None = None
    ) -> list[ProcessPair]:
        """Run every process there is to run; ``listen(number)`` gives what hears the log of a process.

        Raises what ``run_pair`` raises, at the first fault; what ran until then stays in ``process_pairs``.
        """
        done = 0

        def on_progress(answered: int) -> None:
            nonlocal done
            done += answered
            progress(title, done, self.total)

        progress(title, 0, self.total)
        for number, share, pair in self:
            on_log = listen(number) if listen else None
            self._spent_s += self._timed(number, share, pair, on_progress, on_log)
            if (number + 1) % self.size == 0:
                self._repeat_disturbed(title, progress)
                copying.even_out(self.process_pairs)
        return self.process_pairs

    def _repeat_disturbed(self, title: str, progress: Progress) -> None:
        """Run the process pairs again during which the machine was not ours or slow, while there is time.

        They are chosen by what others used and by the speed of the harness's own work alone: how long the
        submission or the reference took is never looked at.
        """
        self._repeat(lambda pair: pair.disturbed, 1.0, f"{title}: others used the machine", progress)
        slow = f"{title}: the cores were slow"
        self._repeat(lambda pair: pair.slowed, _SHARE_FOR_SPEED, slow, progress, lasts=True)

    def _repeat(
        self,
        wanted: Callable[[ProcessPair], bool],
        share: float,
        title: str,
        progress: Progress,
        *,
        lasts: bool = False,
    ) -> None:
        """Run the wanted pairs again; with ``lasts`` until one of them is wanted still."""
        while numbers := [number for number, pair in enumerate(self.process_pairs) if wanted(pair)]:
            for number in numbers:
                if self._repeated_s >= share * self._spent_s:
                    return
                progress(f"{title}, process {number + 1} again", 0, 0)
                first = self.process_pairs[number]
                assigned = self._assign(number // self.size)[number % self.size]
                again = ProcessPair(again=first.disturbed or first.again)
                self._repeated_s += self._timed(number, assigned, again, lambda _: None)
                self.repeated += 1
                if not again.disturbed and not wanted(again):
                    self.process_pairs[number] = again
                elif lasts and wanted(again):
                    return

    def _timed(
        self,
        number: int,
        share: schedule.Share,
        pair: ProcessPair,
        on_progress: Callable[[int], None],
        on_log: LogCallback | None = None,
    ) -> float:
        """Run one pair of processes; return how many seconds that took in all."""
        started = perf_counter()
        pairs.run_pair(self._run_plan, number, share, pair, on_progress, on_log, self._speed)
        return perf_counter() - started

    @property
    def total(self) -> int:
        """How many timed queries the rounds begun so far hold."""
        begun = max(1, math.ceil(len(self.process_pairs) / self.size))
        return begun * sum(len(share.timed) for share in self._assign(0))

    def _assign(self, number: int) -> list[schedule.Share]:
        run_plan = self._run_plan
        return schedule.shares(run_plan.queries, self.size, run_plan.seed + number, run_plan.task.interaction)

    def _known(self) -> bool:
        ratio = pair_statistics.ratio(self.process_pairs)
        if ratio.low is None or ratio.high is None:
            return True  # one process has no interval, and a task that affords one affords no second
        return math.log(ratio.high / ratio.low) / 2 <= PRECISE
