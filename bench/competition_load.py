"""Many teams at once: how many submissions are accepted a second, and how fast boards answer meanwhile.

    python -m bench.competition_load [sqlite] [postgresql] [--teams 200] [--submissions 2000] [--readers 50]

Server, worker and this client are processes of one machine and share its cores. A reader asks for a board or
a competition once a second.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.competition_field import Client, Field, field, predictions

_SENDERS = 16
_THINKS_S = 1.0
_PATHS = ("/api/competitions/load/board", "/api/competitions/load", "/api/competitions/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=80, help="how long scoring is waited for")
    chosen = parser.parse_args()
    for kind in chosen.kinds:
        with tempfile.TemporaryDirectory() as folder, field(kind, Path(folder), chosen.teams) as made:
            measure(kind, made, chosen)


def measure(kind: str, made: Field, chosen: argparse.Namespace) -> None:
    """Hand everything in while readers read, then wait until all of it is scored."""
    server, worker = made.start_server(), made.start("worker")
    stop, times = threading.Event(), []
    readers = [
        threading.Thread(target=read, args=(made, number, stop, times)) for number in range(chosen.readers)
    ]
    try:
        for reader in readers:
            reader.start()
        began = time.perf_counter()
        with ThreadPoolExecutor(_SENDERS) as pool:
            shares = [range(n, chosen.submissions, _SENDERS) for n in range(_SENDERS)]
            accepted = [one for share in pool.map(lambda s: send(made, s), shares) for one in share]
        handed_in = time.perf_counter() - began
        while made.counts().get("scored", 0) < len(accepted) and time.perf_counter() - began < chosen.seconds:
            time.sleep(0.5)
        scored = time.perf_counter() - began
    finally:
        stop.set()
        for reader in readers:
            reader.join()
        for process in (server, worker):
            process.terminate()
            process.wait()
    results = made.results()
    waits = np.array(times) * 1000
    print(f"{kind}: {chosen.teams} teams, {len(accepted)} accepted, {len(accepted) / handed_in:.0f} a second")
    print(f"  scored {len(results)} ({len(set(results))} different) {len(results) / scored:.0f} a second")
    print(f"  lost {len(set(accepted) - set(results))}, twice {len(results) - len(set(results))}")
    print(
        f"  {chosen.readers} readers, {len(waits)} pages: p50 {np.percentile(waits, 50):.1f} ms, "
        f"p99 {np.percentile(waits, 99):.1f} ms"
    )


def send(made: Field, numbers: range) -> list[int]:
    """Hand in some of the submissions, each for its team."""
    sent = []
    for number in numbers:
        client = Client(made.port, made.tokens[number % len(made.tokens)])
        sent.append(client.submit(predictions(number)))
    return sent


def read(made: Field, number: int, stop: threading.Event, times: list[float]) -> None:
    """Read pages until told to stop."""
    client = Client(made.port, made.tokens[number % len(made.tokens)])
    stop.wait(_THINKS_S * number / 50)
    for turn in range(10**9):
        if stop.wait(_THINKS_S):
            return
        began = time.perf_counter()
        client.call("GET", _PATHS[turn % len(_PATHS)])
        times.append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
