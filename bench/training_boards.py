"""Boards of trainings: do equal entries share a rank from one fresh run to the next?

    python -m bench.training_boards [PROCESSES] [--burn PROCESSES]

Trains ``fast``, ``prebatched`` and ``raw_arrow`` of `recommender` in turns, PROCESSES fresh ones of each
(10), and draws 20 boards from them: each takes five processes of each entry, as a ranked run does, and ranks
them by their ratios to the pace. With ``--burn`` some more run while another process burns a core: what they
give, and whether they are seen to be disturbed.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

from commands.home import places
from harness.intake.lookup import find_submission
from harness.measurement import machine_lock, pairs, schedule
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan, RunSetup, plan_run
from harness.sandbox import choose
from harness.spec import PROFILES, DataRequest, RunOutcome, no_progress
from leaderboards.ranking import Contender, Scale, Spread, rank
from tasks.recommender import outcome
from tasks.recommender.task import MARGIN, task

ENTRIES = ("fast", "prebatched", "raw_arrow")
RANKED = task.execution.processes.ranked
BOARDS = 20
Ran: TypeAlias = "Mapping[str, Sequence[ProcessPair]]"


def planned(entry: str) -> RunPlan:
    prepared = task.dataset.prepare(DataRequest("mini", places().data))
    log = Path(places().host_log)
    setup = RunSetup(task, prepared, PROFILES["cpu"], choose(), log)
    pair = (find_submission(task, name, places()) for name in (entry, task.execution.reference))
    return plan_run(setup, *pair)


def trained(plan: RunPlan, number: int) -> ProcessPair:
    """Run one fresh process of an entry, with the pace beside it."""
    shares = schedule.shares(plan.queries, RANKED, plan.seed, plan.task.interaction)
    pair = ProcessPair()
    pairs.run_pair(plan, number, shares[number % RANKED], pair, lambda _: None)
    return pair


def value(plan: RunPlan, chosen: Sequence[ProcessPair]) -> tuple[float, float | None, float | None]:
    """Return the ratio that ranks, with its interval, of some processes as of one run."""
    run = RunOutcome(plan.setup.prepared, plan.queries, [pair.outcome for pair in chosen])
    ratio, low, high = outcome.time_to_quality_ratio(run) or (None, None, None)
    return (math.nan if ratio is None else ratio), low, high


def board(plans: Mapping[str, RunPlan], ran: Ran, seed: int) -> dict[str, int]:
    """Rank one board of five processes of each entry."""
    chance, contenders = random.Random(seed), []
    for entry, plan in plans.items():
        ratio, low, high = value(plan, chance.sample(ran[entry], RANKED))
        contenders.append(Contender(entry, 0.0, ratio, Spread.of(low, high, RANKED)))
    return {one.contender.id: one.rank or 0 for one in rank(contenders, "min", scale=Scale(MARGIN))}


def trained_in_turns(plans: Mapping[str, RunPlan], count: int, title: str) -> dict[str, list[ProcessPair]]:
    ran: dict[str, list[ProcessPair]] = {entry: [] for entry in plans}
    for number in range(count):
        for entry, plan in plans.items():
            started = time.monotonic()
            pair = trained(plan, number)
            ran[entry].append(pair)
            others = pair.resources.others
            print(
                f"{title} {entry:11} {outcome.trained_s(plan.queries, pair.outcome):5.2f} s, "
                f"pieces {' '.join(f'{piece:.2f}' for piece in pair.build.pace_s)} s, ratio "
                f"{value(plan, [pair])[0]:.4f}  others {others.whole.cores:.2f} cores"
                f"{', disturbed' if pair.disturbed else ''} ({time.monotonic() - started:.0f} s)",
                flush=True,
            )
    return ran


def counting(ran: Ran) -> dict[str, Sequence[ProcessPair]]:
    """Leave out the processes that others disturbed, as a run does, where enough are left for a board."""
    undisturbed = {entry: [pair for pair in some if not pair.disturbed] for entry, some in ran.items()}
    enough = min(map(len, undisturbed.values())) >= RANKED
    counts = ", ".join(f"{entry} {len(some)}" for entry, some in undisturbed.items())
    print(f"undisturbed processes: {counts}" + ("" if enough else "; too few, all count"))
    return dict(undisturbed if enough else ran)


def burn(parent: int) -> None:
    """Burn a core until the parent is gone."""
    while os.getppid() == parent:
        pass


def print_boards(plans: Mapping[str, RunPlan], ran: Ran) -> None:
    boards = [board(plans, ran, seed) for seed in range(BOARDS)]
    shared = sum(one["prebatched"] == one["raw_arrow"] for one in boards)
    alone = sum(one["fast"] == 1 < min(one["prebatched"], one["raw_arrow"]) for one in boards)
    for entry, plan in plans.items():
        seconds = [outcome.trained_s(plan.queries, pair.outcome) for pair in ran[entry]]
        ratio, low, high = value(plan, ran[entry])
        around = "" if low is None or high is None else f" [{low:.4f}, {high:.4f}]"
        print(
            f"{entry:11} ratio {ratio:.4f}{around}; {fmean(seconds):.2f} s "
            f"({min(seconds):.2f} to {max(seconds):.2f})"
        )
    print(f"prebatched and raw_arrow share a rank on {shared} of {BOARDS} boards,")
    print(f"fast stands alone first on {alone}")


def main() -> None:
    parser = argparse.ArgumentParser(description="boards of trainings")
    parser.add_argument("processes", nargs="?", type=int, default=10, help=f"at least {RANKED}")
    parser.add_argument("--burn", type=int, default=0, metavar="PROCESSES")
    asked = parser.parse_args()
    if asked.processes < RANKED:
        parser.error(f"a board takes {RANKED} processes of each entry")
    with machine_lock.machine("bench of trainings", no_progress):
        plans = {entry: planned(entry) for entry in ENTRIES}
        quiet = counting(trained_in_turns(plans, asked.processes, "quiet"))
        print_boards(plans, quiet)
        if not asked.burn:
            return
        noise = multiprocessing.Process(target=burn, args=(os.getpid(),), daemon=True)
        noise.start()
        try:
            noisy = trained_in_turns(plans, asked.burn, "burnt")
        finally:
            noise.kill()
        for entry, plan in plans.items():
            off = [value(plan, [pair])[0] / value(plan, quiet[entry])[0] - 1 for pair in noisy[entry]]
            seen = sum(pair.disturbed for pair in noisy[entry])
            far = f"{max(map(abs, off)):.1%}"
            print(f"burnt: {entry:11} up to {far} off; {seen} of {len(off)} processes seen to be disturbed")


if __name__ == "__main__":
    main()
