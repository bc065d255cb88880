"""People at a competition, in processes of their own: senders of predictions, and readers of pages.

Each crowd is one process, so that what is measured does not wait for it. The senders' process has a low
priority: it stands for other machines, and takes only what server, worker and readers leave.
"""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Event

from bench.competition_field import Client, predictions

PATHS = (
    "/competitions/load/board",
    "/competitions/load",
    "/api/competitions/load/board",
    "/competitions",
    "/competitions/load/submissions",
)
_NICE = 19


@dataclass(frozen=True)
class Crowd:
    """``secrets`` are tokens of senders, or sessions of readers, of whom ``people`` act at the same time."""

    port: int
    secrets: tuple[str, ...]
    people: int


def send(crowd: Crowd, submissions: int) -> list[int]:
    """Hand in predictions, each sender one after another; return the numbers of what was accepted."""
    os.nice(_NICE)
    shares = [range(n, submissions, crowd.people) for n in range(crowd.people)]
    with ThreadPoolExecutor(crowd.people) as pool:
        return [one for share in pool.map(lambda share: _send(crowd, share), shares) for one in share]


def _send(crowd: Crowd, numbers: Sequence[int]) -> list[int]:
    sent = []
    for number in numbers:
        client = Client(crowd.port, crowd.secrets[number % len(crowd.secrets)])
        sent.append(client.submit(predictions(number)))
    return sent


def read(crowd: Crowd, thinks_s: float, stop: Event) -> list[tuple[str, float]]:
    """Read pages until told to stop; return each page's path and the seconds that it took."""
    times: list[tuple[str, float]] = []
    readers = [
        threading.Thread(target=_read, args=(crowd, number, thinks_s, stop, times))
        for number in range(crowd.people)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return times


def _read(crowd: Crowd, number: int, thinks_s: float, stop: Event, times: list[tuple[str, float]]) -> None:
    """Read page after page, and think for a random time of mean ``thinks_s`` before each."""
    rng = random.Random(number)
    connection = http.client.HTTPConnection("127.0.0.1", crowd.port, timeout=30)
    headers = {"Cookie": f"photofinish_session={crowd.secrets[number % len(crowd.secrets)]}"}
    while True:
        until = time.monotonic() + rng.expovariate(1 / thinks_s)
        while time.monotonic() < until:
            if stop.is_set():
                return
            time.sleep(min(0.25, max(until - time.monotonic(), 0)))
        path = rng.choice(PATHS)
        began = time.perf_counter()
        status = _get(connection, path, headers)
        times.append((path, time.perf_counter() - began))
        if status != 200:
            raise RuntimeError(f"{path}: {status}")


def _get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> int:
    """Load a page as a browser does: over a new connection where the server closed the idle one."""
    for last in (False, True):
        try:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            reply.read()
            return reply.status
        except (ConnectionError, http.client.RemoteDisconnected):
            connection.close()
            if last:
                raise
    raise AssertionError("the second try returns or raises")
