"""Ten thousand machines and a million submissions: the queue's rule behind a virtual clock.

    python -m bench.machines_simulated [--machines 10000] [--submissions 1000000] [--teams 5000]
        [--databases sqlite postgresql]

First the queue's own code, on SQLite with a virtual clock, and its rule in memory serve the same small load:
they must hand out the same jobs to the same machines at the same times. Then the rule serves the large load,
with most submissions just before the deadline. At last every call of the queue is timed on a real database in
which as many jobs wait as did at the worst moment; times the calls a second, that is the database's load.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench import machines_database
from bench.competition_field import field
from bench.machines_events import Load, Seen, Simulation
from bench.machines_queues import Clock, SimulatedQueue, StoredQueue, virtual

SMALL = Load(machines=25, submissions=600, teams=40, lost=0.1, span_s=3600.0)
_CLASSES = ((1, 5), (6, 50), (51, 500), (501, 10**9))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--submissions", type=int, default=1_000_000)
    parser.add_argument("--teams", type=int, default=5_000)
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    chosen = parser.parse_args()
    load = Load(chosen.machines, chosen.submissions, chosen.teams)
    if not print_equality():
        return 1
    clock = Clock()
    seen = Simulation(load, SimulatedQueue(clock), clock).run()
    print_simulation(load, seen)
    for kind in chosen.databases:
        print_database(kind, load, seen)
    return 0


def both(load: Load, folder: Path) -> tuple[Seen, Seen]:
    """Serve a load twice: by the queue's own code on SQLite, and by its rule in memory."""
    clock = Clock()
    with field("sqlite", folder, 1) as made, virtual(clock):
        first = machines_database.add_teams(made.engine, load.teams)
        stored = Simulation(load, StoredQueue(made.engine, clock, first), clock, trace=True).run()
    clock = Clock()
    return stored, Simulation(load, SimulatedQueue(clock), clock, trace=True).run()


def print_equality() -> bool:
    """Say whether the queue's own code and the simulated rule do the same."""
    with tempfile.TemporaryDirectory() as folder:
        stored, simulated = both(SMALL, Path(folder))
    same = stored.handed_out == simulated.handed_out
    print(
        f"the queue's code on SQLite and its rule in memory, {SMALL.submissions} submissions of "
        f"{SMALL.teams} teams, {SMALL.machines} machines, {stored.lost} lost jobs, {stored.refused} late "
        f"answers refused: {len(stored.handed_out)} jobs handed out, "
        f"{'all the same' if same else 'NOT THE SAME'}"
    )
    return same


def print_simulation(load: Load, seen: Seen) -> None:
    """Print throughput and waiting times by how much a team submits."""
    hours = (seen.last - 1.0) / 3600
    late = (seen.last - 1.0 - load.span_s) / 60
    print(
        f"\n{load.submissions:,} submissions of {load.teams:,} teams, {load.machines:,} machines, jobs of "
        f"{load.job_s:.0f} s in the mean, {load.burst:.0%} of them in the last {load.span_s / 43200:.0f} h "
        "before the deadline"
    )
    print(
        f"  ended {seen.ended:,}, given up after two lost machines {load.submissions - seen.ended:,}, "
        f"lost and done again {seen.lost:,}, late answers refused {seen.refused:,}"
    )
    print(
        f"  {seen.ended / hours:,.0f} an hour over {hours:.1f} h, at most {seen.peak('finish'):.0f} a "
        f"second; at most {seen.deepest:,} waited; the last ended {late:.0f} min after the deadline"
    )
    _, teams = load.arrivals(np.random.default_rng(0))
    sizes = np.bincount(teams)[teams]
    print("  waiting times by how much a team submits (minutes):")
    for low, high in _CLASSES:
        mine = (sizes >= low) & (sizes <= high) & ~np.isnan(seen.waits)
        if mine.any():
            p50, p95, most = (np.percentile(seen.waits[mine], q) / 60 for q in (50, 95, 100))
            name = f"{low} to {high}" if high < 10**9 else f"over {low - 1}"
            print(
                f"    {name:>10} ({mine.sum():>9,} jobs): p50 {p50:6.1f}, p95 {p95:6.1f}, at most {most:6.1f}"
            )


def print_database(kind: str, load: Load, seen: Seen) -> None:
    """Print the load of a database at the busiest minute of each call, and name what breaks first."""
    with (
        tempfile.TemporaryDirectory() as folder,
        machines_database.full(kind, Path(folder), load.teams, max(seen.deepest, 1000)) as made,
    ):
        costs = machines_database.costs(made)
    rates = {name: seen.peak(name) for name in costs} | {"stage": 2 * seen.peak("claim")}
    loads = {name: costs[name] * rates[name] for name in costs}
    print(f"\n{kind}, {seen.deepest:,} jobs wait: time of a call x calls a second = share of one connection")
    for name in sorted(loads, key=loads.__getitem__, reverse=True):
        print(f"  {name:7} {costs[name] * 1000:8.2f} ms x {rates[name]:8.1f} = {loads[name]:7.2f}")
    first, total = max(loads, key=loads.__getitem__), sum(loads.values())
    print(
        f"  in all {total:.2f}: one writer at a time is enough for {load.machines / total:,.0f} machines of "
        f"this load; '{first}' breaks first"
    )


if __name__ == "__main__":
    sys.exit(main())
