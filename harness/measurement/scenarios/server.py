"""Find the highest rate of queries that a submission serves within a bound: MLPerf's server scenario.

Queries arrive by a Poisson process whether or not the model is ready, and a query's latency counts from
when it was scheduled to arrive (MLPerf inference rules, "server").
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from time import perf_counter_ns, sleep
from typing import TYPE_CHECKING

from harness.spec import Progress, no_progress
from harness.stats import percentile_bound

if TYPE_CHECKING:
    from harness.spec import Arrays

PERCENTILE = 0.99
SPIN_S = 0.0002
"""Sleeping wakes late by tens of microseconds: the last stretch before an arrival is spun."""


@dataclass(frozen=True)
class Load:
    """What is asked at every rate: ``count`` queries out of ``loaded``, round and round, through ``ask``."""

    ask: Callable[[Arrays], object]
    loaded: Sequence[Arrays]
    bound_ms: float
    count: int
    seed: int


@dataclass(frozen=True)
class Trial:
    """One rate tried: what was asked a second, the tail (None: too few queries to tell), how it grew.

    ``growth`` is the mean latency of the last quarter over that of the first: far above 1 the queue
    never empties. ``queries`` were asked: a trial is cut off when its time is over.
    """

    rate_qps: float
    tail_ms: float | None
    growth: float
    held: bool
    queries: int


@dataclass(frozen=True)
class ServerResult:
    """Every rate tried, and the highest one held (None where even the lowest was too much).

    ``alone_ms`` is the time of a query asked alone; ``finished`` is False where time ran out first.
    """

    bound_ms: float
    trials: tuple[Trial, ...]
    alone_ms: float = 0.0
    finished: bool = True

    @property
    def held_qps(self) -> float | None:
        """The highest rate held."""
        return max((trial.rate_qps for trial in self.trials if trial.held), default=None)

    @property
    def tail_ms(self) -> float | None:
        """The tail latency at the highest rate held."""
        return next((t.tail_ms for t in self.trials if t.held and t.rate_qps == self.held_qps), None)


def arrivals(rate_qps: float, count: int, seed: int) -> list[float]:
    """Arrival times in seconds of a Poisson process: exponential gaps of mean 1 / rate."""
    rng = random.Random(seed)
    now, times = 0.0, []
    for _ in range(count):
        now += rng.expovariate(rate_qps)
        times.append(now)
    return times


def serve(
    ask: Callable[[Arrays], object],
    loaded: Sequence[Arrays],
    times: Sequence[float],
    most_s: float = math.inf,
) -> list[int]:
    """Issue queries at their times, or as soon after as the model is free, for at most ``most_s`` seconds.

    Returns nanoseconds from each scheduled arrival to its answer; ``loaded`` is used round and round.
    """
    latencies: list[int] = []
    start = perf_counter_ns()
    for number, time in enumerate(times):
        if max(time, (perf_counter_ns() - start) / 1e9) > most_s:
            break
        due = start + int(time * 1e9)
        wait = (due - perf_counter_ns()) / 1e9
        if wait > SPIN_S:
            sleep(wait - SPIN_S)
        while perf_counter_ns() < due:
            pass
        ask(loaded[number % len(loaded)])
        latencies.append(perf_counter_ns() - due)
    return latencies


def try_rate(load: Load, rate_qps: float, seed: int, most_s: float = math.inf) -> Trial:
    """Serve the queries at one rate, for at most ``most_s`` seconds, and judge it."""
    times = arrivals(rate_qps, load.count, load.seed + seed)
    latencies = serve(load.ask, load.loaded, times, most_s)
    tail = percentile_bound([ns / 1e6 for ns in latencies], PERCENTILE)
    quarter = max(1, len(latencies) // 4)
    growth = fmean(latencies[-quarter:]) / fmean(latencies[:quarter]) if latencies else 1.0
    held = tail is not None and tail <= load.bound_ms
    return Trial(rate_qps, tail, growth, held, len(latencies))


def highest_rate(
    load: Load, alone_s: float, most_s: float, progress: Progress = no_progress, steps: int = 6
) -> ServerResult:
    """Find the highest rate held by halving the interval, starting from what a busy model could do.

    ``alone_s`` is the median seconds of a query asked alone: its inverse is the capacity. The first
    trial asks half as much again as that, so that every result shows what overload looks like. No rate is
    tried where a query alone takes longer than the bound, and none that would not end within ``most_s``
    seconds from now.
    """
    capacity, ends = 1 / alone_s, perf_counter_ns() + int(most_s * 1e9)
    trials: list[Trial] = []
    low, high = 0.0, 3 * capacity
    alone_ms = alone_s * 1e3
    if alone_ms > load.bound_ms:
        return ServerResult(load.bound_ms, (), alone_ms)
    for step in range(steps + 1):
        rate = (low + high) / 2
        left_s = (ends - perf_counter_ns()) / 1e9
        if load.count * max(1 / rate, alone_s) > left_s:
            return ServerResult(load.bound_ms, tuple(trials), alone_ms, finished=False)
        progress("server scenario: rates", step, steps + 1)
        trials.append(try_rate(load, rate, step, left_s))
        if trials[-1].held:
            low = rate
        else:
            high = rate
    return ServerResult(load.bound_ms, tuple(trials), alone_ms)


def verdict(result: ServerResult) -> str:
    """In words: the highest rate held, and what a rate beyond it did."""
    over = [trial for trial in result.trials if not trial.held]
    worst = max(over, key=lambda trial: trial.rate_qps, default=None)
    held = f"{result.held_qps:.4g}/s held" if result.held_qps else "no rate held"
    said = f"{held} within {result.bound_ms:g} ms"
    if result.alone_ms > result.bound_ms:
        said += f": a query alone takes {result.alone_ms:.4g} ms"
    if not result.finished:
        said += f"; the search ended early, after {len(result.trials)} rates, for lack of time"
    if worst is None or worst.tail_ms is None:
        return said
    return (
        f"{said}; overloaded at {worst.rate_qps:.4g}/s: "
        f"tail {worst.tail_ms:.4g} ms, latency grew {worst.growth:.1f}-fold"
    )


def table(result: ServerResult) -> str:
    """The trials as CSV."""
    lines = ["rate_qps,p99_ms,growth,held"]
    lines += [f"{t.rate_qps:.6g},{t.tail_ms or ''},{t.growth:.4g},{t.held}" for t in result.trials]
    return "\n".join(lines) + "\n"
