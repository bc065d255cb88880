"""Two entries of tiny_latency against each other, compared by their slopes; for the benches of that task."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from commands.home import home
from harness.intake.lookup import find_submission, inspect
from harness.measurement.pairs import ProcessPair
from harness.measurement.rounds import PRECISE, Rounds
from harness.measurement.run_plan import RunPlan, RunSetup, plan_run
from harness.sandbox import choose
from harness.spec import PROFILES, DataRequest, Interval, Places, RunOutcome, Submission
from tasks.tiny_latency import slopes
from tasks.tiny_latency.task import task

SEEDS = 1000
"""Rounds of one comparison are so many seeds apart."""
SLOWED = """
import time
from entry import build as make

def build(context):
    model = make(context)

    def slowed(query):
        start = time.perf_counter()
        answer = model(query)
        until = start + (time.perf_counter() - start) * {slowness}
        while time.perf_counter() < until:
            pass
        return answer

    return slowed
"""


@dataclass(frozen=True)
class Result:
    """A's nanoseconds a step, its overhead in microseconds, and its slope over B's; with intervals."""

    ns: Interval | None
    overhead_us: float | None
    ratio: Interval | None


@dataclass(frozen=True)
class Arena:
    """Where entries meet: a variant of the data, so many processes, and a folder for copies of entries."""

    setup: RunSetup
    folder: Path

    def shipped(self, name: str) -> Submission:
        """A shipped entry, with what it shares."""
        return find_submission(self.setup.task, name, Places.under(self.folder))

    def changed(self, name: str, submission: str, **sources: str) -> Submission:
        """A copy of a shipped entry whose ``submission`` can import what the entry was as ``entry``."""
        copy = Path(tempfile.mkdtemp(dir=self.folder)) / f"{name}_changed"
        shutil.copytree(self.shipped(name).path, copy)
        (copy / "submission.py").rename(copy / "entry.py")
        (copy / "submission.py").write_text(submission)
        for file, text in sources.items():
            (copy / file).write_text(text)
        return inspect(copy, self.setup.task.execution.limits, self.folder / "entries")

    def slowed(self, name: str, slowness: float) -> Submission:
        """A copy of a shipped entry that takes ``slowness`` times as long as it must."""
        return self.changed(name, SLOWED.format(slowness=slowness))

    def plan(self, a: Submission, b: Submission, seed: int = 0) -> RunPlan:
        """The plan of a duel."""
        return plan_run(replace(self.setup, seed=seed), a, b, contestants=True)

    def meet(self, a: Submission, b: Submission, seed: int = 0, rounds: int = 1) -> Result:
        """Run A against B; up to so many ``rounds`` of processes, until the ratio is known to 1 %."""
        pairs: list[ProcessPair] = []
        for number in range(rounds):
            plan = self.plan(a, b, seed + SEEDS * number)
            pairs += Rounds(plan).run(f"{a.name} against {b.name}", lambda *_: None)
            run = RunOutcome(self.setup.prepared, plan.queries, [pair.outcome for pair in pairs])
            ratio = slopes.step_ratio(run)
            if ratio and ratio[1] and ratio[2] and math.log(ratio[2] / ratio[1]) / 2 <= PRECISE:
                break
        return Result(slopes.ns_per_step(run), slopes.overhead_us(run), ratio)


@contextmanager
def arena(variant: str, processes: int, profile: str = "cpu") -> Iterator[Arena]:
    """A folder of its own that goes away afterwards; the data are those of the project's cache."""
    counts = replace(task.execution.processes, ranked=processes)
    few = replace(task, execution=replace(task.execution, processes=counts))
    with tempfile.TemporaryDirectory() as name:
        prepared = few.dataset.prepare(DataRequest(variant, Places.under(home()).data))
        setup = RunSetup(few, prepared, PROFILES[profile], choose(), Path(name) / "host.log")
        yield Arena(setup, Path(name))


def shown(interval: Interval | None, digits: int = 4) -> str:
    """An interval for people."""
    if interval is None or interval[0] is None:
        return "none"
    value, low, high = interval
    around = f" [{low:.{digits}g}, {high:.{digits}g}]" if low is not None and high is not None else ""
    return f"{value:.{digits}g}{around}"
