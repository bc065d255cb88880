"""Is the slope the step? The C entry through the harness beside the same loop timed by a clock inside C.

Pairs of fresh processes answer the same chains in turns: the shipped entry, timed from outside, and a copy
whose C code reads a clock before the first step and after the last, timed from outside as well. Two times of
the same calls must agree; the shipped entry is another binary, which may be a little faster or slower by
where its loops lie in memory. Then two whole runs of one entry.

    .venv/harness/bin/python -m bench.tiny_slope [PAIRS] [ENTRY]
"""

from __future__ import annotations

import gc
import math
import statistics
import sys

import numpy as np

from bench.tiny_duel import Arena, arena, shown
from harness.session.session import Session
from harness.spec import Interval, Query
from harness.stats import Line, paired_log_ratio
from tasks.tiny_latency.slopes import line

MOST_APART, RUNS_APART = 0.03, 0.02
INSIDE = """
#include <time.h>

static long long now(void) {
    struct timespec read;
    clock_gettime(CLOCK_MONOTONIC, &read);
    return read.tv_sec * 1000000000LL + read.tv_nsec;
}

#define chain untimed
"""
OUTSIDE = """
#undef chain
long long taken;

void chain(const float *inputs, long n, const float *start, float *answer, const void *a, const void *b,
           const void *c, const void *d, const void *e, const void *f) {
    long long began = now();
    untimed(inputs, n, start, answer, a, b, c, d%s);
    taken = now() - began;
}
"""
ENTRY = """
import ctypes
import numpy as np
import c_library

compiled, libraries = c_library.compiled, []

def keep(*args, **sizes):
    libraries.append(compiled(*args, **sizes))
    return libraries[-1]

c_library.compiled = keep
from entry import build as make

def build(context):
    model = make(context)
    taken = [ctypes.c_longlong.in_dll(library, "taken") for library in libraries]

    def timed(query):
        for one in taken:
            one.value = 0
        model(query)
        return np.int64(max(one.value for one in taken))

    return timed
"""


def timed_copy(here: Arena, name: str):
    """A copy of a C entry that answers with the nanoseconds of its own clock."""
    source = (here.shipped(name).path / "chain.c").read_text()
    rest = ", e, f" if name == "c_plain" else ", e"
    return here.changed(name, ENTRY, **{"chain.c": INSIDE + source + OUTSIDE % rest})


def pair(outside: Session, inside: Session, queries: list[Query], seed: int) -> tuple[Line, Line, Line]:
    """The lines of one pair of processes: from outside, by the clock in C, and the copy from outside."""
    for session in (outside, inside):
        session.start()
        session.load()
        session.build()
        for query in queries[:40]:
            session.ask(query.load())
    rng = np.random.default_rng(seed)
    asked, took = [], []
    for number, index in enumerate(rng.permutation(len(queries))):
        x = queries[index].load()
        gc.disable()
        first = outside.ask(x) if number % 2 else None
        timed = inside.ask(x)
        first = first or outside.ask(x)
        gc.enable()
        own = int(inside.answers(timed)[0])  # type: ignore[call-overload]
        asked.append(int(index))
        took.append([first.ns - first.in_ns - first.out_ns, own, timed.ns - timed.in_ns - timed.out_ns])
    # The line of the task itself: over the longer chains.
    lines = [line(queries, list(zip(asked, column / 1e9, strict=True))) for column in np.array(took, float).T]
    assert all(lines)
    return tuple(lines)  # type: ignore[return-value]


def mean(logs: list[float]) -> Interval:
    found = paired_log_ratio([[one] for one in logs])
    return found.value, found.low, found.high


def main(pairs: str = "8", name: str = "c_plain") -> None:
    with arena("narrow", 4) as here:
        copy = timed_copy(here, name)
        plan = here.plan(here.shipped(name), copy)
        apart, same = [], []
        for number in range(int(pairs)):
            with (
                plan.open_session(number) as outside,
                plan.open_session(number, role="reference") as inside,
            ):
                mine, own, copied = pair(outside, inside, list(plan.queries), number)
            apart.append(math.log(mine.slope / own.slope))
            same.append(math.log(copied.slope / own.slope))
            print(
                f"pair {number + 1}: from outside {mine.slope:.1f} ns a step, inside C {own.slope:.1f}, "
                f"the same calls from outside {copied.slope:.1f}",
                flush=True,
            )
        print(f"{name}: outside / inside {shown(mean(apart))}, of the same calls {shown(mean(same))}")
        agree = abs(math.expm1(statistics.fmean(same))) <= MOST_APART
        print(f"the same calls agree within {MOST_APART:.0%}: {agree}")
        runs = [here.meet(here.shipped("c_tuned"), here.shipped("c_plain"), seed).ratio for seed in (0, 1)]
        values = [run[0] for run in runs if run and run[0]]
        difference = abs(math.log(values[0] / values[1]))
        print(f"c_tuned / c_plain in two runs: {shown(runs[0])} and {shown(runs[1])}")
        print(f"apart by {difference:.2%}, within {RUNS_APART:.0%}: {difference <= RUNS_APART}")


if __name__ == "__main__":
    main(*sys.argv[1:])
