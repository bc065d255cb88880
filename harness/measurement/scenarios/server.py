"""The server scenario, as MLPerf defines it: queries arrive by a Poisson process whether or not the

model is ready, and a query's latency counts from when it was scheduled to arrive. The highest rate at
which the tail stays within the bound is what the submission holds (MLPerf inference rules, "server").
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from time import perf_counter_ns, sleep
from typing import TYPE_CHECKING

from harness.stats import percentile_bound

if TYPE_CHECKING:
    from harness.spec import Arrays

PERCENTILE = 0.99
SPIN_S = 0.0002
"""Sleeping wakes late by tens of microseconds: the last stretch before an arrival is spun."""


@dataclass(frozen=True)
class Trial:
    """One rate tried: what was asked a second, the tail (None: too few queries to tell), how it grew.

    ``growth`` is the mean latency of the last quarter over that of the first: far above 1 the queue
    never empties.
    """

    rate_qps: float
    tail_ms: float | None
    growth: float
    held: bool


@dataclass(frozen=True)
class ServerResult:
    """Every rate tried, and the highest one held (None where even the lowest was too much)."""

    bound_ms: float
    trials: tuple[Trial, ...]

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


def serve(ask: Callable[[Arrays], object], loaded: Sequence[Arrays], times: Sequence[float]) -> list[int]:
    """Issue queries at their times, or as soon after as the model is free.

    Returns nanoseconds from each scheduled arrival to its answer; ``loaded`` is used round and round.
    """
    latencies = []
    start = perf_counter_ns()
    for number, time in enumerate(times):
        due = start + int(time * 1e9)
        wait = (due - perf_counter_ns()) / 1e9
        if wait > SPIN_S:
            sleep(wait - SPIN_S)
        while perf_counter_ns() < due:
            pass
        ask(loaded[number % len(loaded)])
        latencies.append(perf_counter_ns() - due)
    return latencies


def try_rate(
    ask: Callable[[Arrays], object],
    loaded: Sequence[Arrays],
    rate_qps: float,
    bound_ms: float,
    count: int,
    seed: int,
) -> Trial:
    """Serve ``count`` queries at one rate and judge it."""
    latencies = serve(ask, loaded, arrivals(rate_qps, count, seed))
    tail = percentile_bound([ns / 1e6 for ns in latencies], PERCENTILE)
    quarter = max(1, count // 4)
    growth = fmean(latencies[-quarter:]) / fmean(latencies[:quarter])
    return Trial(rate_qps, tail, growth, tail is not None and tail <= bound_ms)


def highest_rate(
    ask: Callable[[Arrays], object],
    loaded: Sequence[Arrays],
    alone_s: float,
    bound_ms: float,
    count: int,
    seed: int,
    steps: int = 6,
) -> ServerResult:
    """Find the highest rate held by halving the interval, starting from what a busy model could do.

    ``alone_s`` is the median seconds of a query asked alone: its inverse is the capacity. The first
    trial asks half as much again as that, so that every result shows what overload looks like.
    """
    capacity = 1 / alone_s
    trials = [try_rate(ask, loaded, 1.5 * capacity, bound_ms, count, seed)]
    low, high = 0.0, 1.5 * capacity if not trials[0].held else 3 * capacity
    for step in range(steps):
        rate = (low + high) / 2
        trials.append(try_rate(ask, loaded, rate, bound_ms, count, seed + step + 1))
        low, high = (rate, high) if trials[-1].held else (low, rate)
    return ServerResult(bound_ms, tuple(trials))


def verdict(result: ServerResult) -> str:
    """In words: the highest rate held, and what a rate beyond it did."""
    over = [trial for trial in result.trials if not trial.held]
    worst = max(over, key=lambda trial: trial.rate_qps, default=None)
    held = f"{result.held_qps:.4g}/s held" if result.held_qps else "no rate held"
    if worst is None or worst.tail_ms is None:
        return f"{held} within {result.bound_ms:g} ms"
    return (
        f"{held} within {result.bound_ms:g} ms; overloaded at {worst.rate_qps:.4g}/s: "
        f"tail {worst.tail_ms:.4g} ms, latency grew {worst.growth:.1f}-fold"
    )


def table(result: ServerResult) -> str:
    """The trials as CSV."""
    lines = ["rate_qps,p99_ms,growth,held"]
    lines += [f"{t.rate_qps:.6g},{t.tail_ms or ''},{t.growth:.4g},{t.held}" for t in result.trials]
    return "\n".join(lines) + "\n"
