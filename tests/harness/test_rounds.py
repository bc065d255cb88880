"""How many processes a run takes: one round where the ratio is plain, more where it is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np

from harness.pairing import Timing
from harness.rounds import Rounds
from harness.side import Bout
from harness.spec import Prepared, Replicates, Submission, Task
from harness.stand import Stand
from harness.stats import Ratio, paired_log_ratio


def bout(tiny: Task, prepared: Prepared, afforded: Replicates) -> Bout:
    task = replace(tiny, replicates=afforded)
    nobody = cast("Submission", None)
    return Bout(task, tiny.queries(prepared)[:16], cast("Stand", None), nobody, nobody, seed=3)


def run(rounds: Rounds, log_ratio: Callable[[], float]) -> Ratio:
    """Go through all rounds with processes whose every query shows ``log_ratio()``."""
    for number, share, left in rounds:
        shown = int(1e9 * math.exp(log_ratio()))
        left.timings += [Timing(number, 0, index, 1, shown, 10**9) for index in share.timed]
    return paired_log_ratio(
        [[math.log(t.submission_ns / t.reference_ns) for t in x.timings] for x in rounds.left]
    )


def test_a_quiet_machine_needs_one_round(tiny: Task, prepared: Prepared) -> None:
    chance = np.random.default_rng(0)
    rounds = Rounds(bout(tiny, prepared, Replicates(8, 3, 4)), quick=False)
    run(rounds, lambda: float(chance.normal(0.1, 0.002)))
    assert len(rounds.left) == 8


def test_a_noisy_one_needs_more_and_each_round_asks_everything(tiny: Task, prepared: Prepared) -> None:
    chance = np.random.default_rng(0)
    rounds = Rounds(bout(tiny, prepared, Replicates(8, 3, 4)), quick=False)
    run(rounds, lambda: float(chance.normal(0.1, 0.1)))
    assert len(rounds.left) == 32
    for start in range(0, 32, 8):
        asked = {timing.query for left in rounds.left[start : start + 8] for timing in left.timings}
        assert asked == set(range(16))
    assert rounds.total == sum(len(left.timings) for left in rounds.left)


def test_quick_runs_and_single_processes_are_never_repeated(tiny: Task, prepared: Prepared) -> None:
    chance = np.random.default_rng(0)
    for afforded, quick, processes in ((Replicates(8, 3, 4), True, 3), (Replicates(1, 1, 4), False, 1)):
        rounds = Rounds(bout(tiny, prepared, afforded), quick=quick)
        run(rounds, lambda: float(chance.normal(0.1, 0.1)))
        assert len(rounds.left) == processes


def test_intervals_hold_the_truth_though_their_width_decided(tiny: Task, prepared: Prepared) -> None:
    chance = np.random.default_rng(1)
    ring = bout(tiny, prepared, Replicates(8, 3, 4))
    held, runs = 0, 300
    for _ in range(runs):
        found = run(Rounds(ring, quick=False), lambda: float(chance.normal(0.1, 0.015)))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= math.exp(0.1) <= found.high
    assert held / runs > 0.905, "93.8 % is expected; three standard errors of 300 are 4 points"
