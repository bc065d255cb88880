"""How many processes a run takes: one round where the ratio is plain, more where it is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np

from harness.measurement.participant import RunPlan
from harness.measurement.rounds import Rounds
from harness.record import Timing
from harness.session.settings import ExecutionSettings
from harness.spec import Prepared, ProcessCounts, Submission, Task
from harness.stats import Ratio, paired_log_ratio


def run_plan(tiny: Task, prepared: Prepared, afforded: ProcessCounts) -> RunPlan:
    task = replace(tiny, execution=replace(tiny.execution, processes=afforded))
    nobody = cast("Submission", None)
    return RunPlan(task, tiny.queries(prepared)[:16], cast("ExecutionSettings", None), nobody, nobody, seed=3)


def run(rounds: Rounds, log_ratio: Callable[[], float]) -> Ratio:
    """Go through all rounds with processes whose every query shows ``log_ratio()``."""
    for number, share, left in rounds:
        shown = int(1e9 * math.exp(log_ratio()))
        left.timings += [Timing(number, 0, index, 1, shown, 10**9) for index in share.timed]
    return paired_log_ratio(
        [[math.log(t.submission_ns / t.reference_ns) for t in x.timings] for x in rounds.process_pairs]
    )


def test_a_quiet_machine_needs_one_round(tiny: Task, prepared: Prepared) -> None:
    rng = np.random.default_rng(0)
    rounds = Rounds(run_plan(tiny, prepared, ProcessCounts(8, 3, 4)), quick=False)
    run(rounds, lambda: float(rng.normal(0.1, 0.002)))
    assert len(rounds.process_pairs) == 8


def test_a_noisy_one_needs_more_and_each_round_asks_everything(tiny: Task, prepared: Prepared) -> None:
    rng = np.random.default_rng(0)
    rounds = Rounds(run_plan(tiny, prepared, ProcessCounts(8, 3, 4)), quick=False)
    run(rounds, lambda: float(rng.normal(0.1, 0.1)))
    assert len(rounds.process_pairs) == 32
    for start in range(0, 32, 8):
        asked = {timing.query for left in rounds.process_pairs[start : start + 8] for timing in left.timings}
        assert asked == set(range(16))
    assert rounds.total == sum(len(left.timings) for left in rounds.process_pairs)


def test_quick_runs_and_single_processes_are_never_repeated(tiny: Task, prepared: Prepared) -> None:
    rng = np.random.default_rng(0)
    for afforded, quick, processes in ((ProcessCounts(8, 3, 4), True, 3), (ProcessCounts(1, 1, 4), False, 1)):
        rounds = Rounds(run_plan(tiny, prepared, afforded), quick=quick)
        run(rounds, lambda: float(rng.normal(0.1, 0.1)))
        assert len(rounds.process_pairs) == processes


def test_intervals_hold_the_truth_though_their_width_decided(tiny: Task, prepared: Prepared) -> None:
    rng = np.random.default_rng(1)
    ring = run_plan(tiny, prepared, ProcessCounts(8, 3, 4))
    held, runs = 0, 300
    for _ in range(runs):
        found = run(Rounds(ring, quick=False), lambda: float(rng.normal(0.1, 0.015)))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= math.exp(0.1) <= found.high
    assert held / runs > 0.905, "93.8 % is expected; three standard errors of 300 are 4 points"
