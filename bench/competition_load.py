"""Many teams at once: how many submissions are accepted a second, and how fast pages answer meanwhile.

    python -m bench.competition_load [sqlite] [postgresql] [--teams 200] [--submissions 2000] [--readers 50]

Server, worker, senders and readers are four processes of one machine and share its cores. A reader is signed
in, opens a page at random, reads it for a random time of two seconds on average, and opens the next; senders
hand in one submission after another without a pause.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np

from bench import competition_crowd as crowds
from bench.competition_field import Field, field
from competitions.store.people import open_session

_SENDERS = 16
_stop: Event


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--thinks", type=float, default=2.0, help="seconds between two pages of a reader")
    parser.add_argument("--seconds", type=float, default=200, help="how long scoring is waited for")
    chosen = parser.parse_args()
    for kind in chosen.kinds:
        with tempfile.TemporaryDirectory() as folder, field(kind, Path(folder), chosen.teams) as made:
            measure(kind, made, chosen)


def measure(kind: str, made: Field, chosen: argparse.Namespace) -> None:
    """Hand everything in while readers read, then wait until all of it is scored."""
    sessions = tuple(open_session(made.engine, token)[1] for token in made.tokens[: chosen.readers])
    processes = multiprocessing.get_context("spawn")
    stop = processes.Event()
    server, worker = made.start_server(), made.start("worker")
    with ProcessPoolExecutor(2, processes, _remember, (stop,)) as pool:
        try:
            reading = pool.submit(_read, crowds.Crowd(made.port, sessions, chosen.readers), chosen.thinks)
            time.sleep(2 * chosen.thinks)  # until the readers' process has begun
            began = time.perf_counter()
            sending = pool.submit(
                crowds.send, crowds.Crowd(made.port, made.tokens, _SENDERS), chosen.submissions
            )
            accepted = sending.result()
            handed_in = time.perf_counter() - began
            until = began + chosen.seconds
            while made.counts().get("scored", 0) < len(accepted) and time.perf_counter() < until:
                time.sleep(0.5)
            scored = time.perf_counter() - began
            stop.set()
            pages = reading.result()
        finally:
            stop.set()
            for process in (server, worker):
                process.terminate()
                process.wait()
    results = made.results()
    print(f"{kind}: {chosen.teams} teams, {len(accepted)} accepted, {len(accepted) / handed_in:.0f} a second")
    print(f"  scored {len(results)} ({len(set(results))} different) {len(results) / scored:.0f} a second")
    print(f"  lost {len(set(accepted) - set(results))}, twice {len(results) - len(set(results))}")
    print(f"  {chosen.readers} readers, {len(pages)} pages: {_waits([wait for _, wait in pages])}")
    for path in crowds.PATHS:
        print(f"    {path}: {_waits([wait for one, wait in pages if one == path])}")


def _waits(seconds: list[float]) -> str:
    p50, p99 = np.percentile(np.array(seconds) * 1000, [50, 99])
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, at most {max(seconds) * 1000:.0f} ms"


def _remember(stop: Event) -> None:
    """Keep what ends the readers in a process of the pool: it cannot be handed over later."""
    global _stop  # noqa: PLW0603
    _stop = stop


def _read(crowd: crowds.Crowd, thinks_s: float) -> list[tuple[str, float]]:
    return crowds.read(crowd, thinks_s, _stop)


if __name__ == "__main__":
    main()
