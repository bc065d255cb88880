"""How many processes a run takes: one round where the ratio is plain, more where it is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.intake.lookup import find_submission
from harness.measurement.rounds import Rounds
from harness.measurement.run_plan import RunSetup, plan_run
from harness.record import Timing
from harness.spec import Places, ProcessCounts
from harness.stats import Ratio, paired_log_ratio


def rounds_of(
    setup: RunSetup, afforded: ProcessCounts, *, quick: bool = False, most_s: float = math.inf
) -> Rounds:
    tiny = setup.task
    execution = replace(tiny.execution, processes=afforded)
    task = replace(tiny, execution=execution, queries=lambda prepared: tiny.queries(prepared)[:16])
    honest = find_submission(tiny, "honest", Places.under(setup.host_log.parent))
    return Rounds(plan_run(replace(setup, task=task, seed=3, quick=quick), honest, honest), most_s)


def run(rounds: Rounds, log_ratio: Callable[[], float]) -> Ratio:
    """Go through all rounds with processes whose every query shows ``log_ratio()``."""
    for number, share, left in rounds:
        shown = int(1e9 * math.exp(log_ratio()))
        left.timings += [Timing(number, 0, index, 1, shown, 10**9) for index in share.timed]
    return paired_log_ratio(
        [[math.log(t.submission_ns / t.reference_ns) for t in x.timings] for x in rounds.process_pairs]
    )


def test_a_quiet_machine_needs_one_round(setup: RunSetup) -> None:
    rng = np.random.default_rng(0)
    rounds = rounds_of(setup, ProcessCounts(8, 3, 4))
    run(rounds, lambda: float(rng.normal(0.1, 0.002)))
    assert len(rounds.process_pairs) == 8


def test_a_noisy_one_needs_more_and_each_round_asks_everything(setup: RunSetup) -> None:
    rng = np.random.default_rng(0)
    rounds = rounds_of(setup, ProcessCounts(8, 3, 4))
    run(rounds, lambda: float(rng.normal(0.1, 0.1)))
    assert len(rounds.process_pairs) == 32
    for start in range(0, 32, 8):
        asked = {timing.query for left in rounds.process_pairs[start : start + 8] for timing in left.timings}
        assert asked == set(range(16))
    assert rounds.total == sum(len(left.timings) for left in rounds.process_pairs)


def test_quick_runs_and_single_processes_are_never_repeated(setup: RunSetup) -> None:
    rng = np.random.default_rng(0)
    for afforded, quick, processes in ((ProcessCounts(8, 3, 4), True, 3), (ProcessCounts(1, 1, 4), False, 1)):
        rounds = rounds_of(setup, afforded, quick=quick)
        run(rounds, lambda: float(rng.normal(0.1, 0.1)))
        assert len(rounds.process_pairs) == processes


def test_intervals_hold_the_truth_though_their_width_decided(setup: RunSetup) -> None:
    rng = np.random.default_rng(1)
    held, runs = 0, 300
    for _ in range(runs):
        found = run(rounds_of(setup, ProcessCounts(8, 3, 4)), lambda: float(rng.normal(0.1, 0.015)))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= math.exp(0.1) <= found.high
    assert held / runs > 0.905, "93.8 % is expected; three standard errors of 300 are 4 points"
