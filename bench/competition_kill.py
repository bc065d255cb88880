"""Kill server and worker (-9) at random moments: every accepted submission must end in one record.

python -m bench.competition_kill [sqlite] [postgresql] [--kills 50]
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from pathlib import Path

from bench.competition_field import Client, Field, field, predictions

_SENDERS = 4
_LEASE_S = "2"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["sqlite"])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    for kind in chosen.kinds:
        with tempfile.TemporaryDirectory() as folder, field(kind, Path(folder), 20) as made:
            kill(kind, made, chosen.kills, random.Random(chosen.seed))


def kill(kind: str, made: Field, kills: int, rng: random.Random) -> None:
    """Kill and restart while submissions come, then let a worker finish."""
    running = {"server": made.start_server(), "worker": made.start("worker", "--lease", _LEASE_S)}
    stop, accepted = threading.Event(), []
    senders = [threading.Thread(target=send, args=(made, n, stop, accepted)) for n in range(_SENDERS)]
    for sender in senders:
        sender.start()
    for number in range(kills):
        time.sleep(rng.uniform(0.3, 1.6))
        name = ("server", "worker")[number % 2]
        running[name].kill()
        running[name].wait()
        running[name] = made.start_server() if name == "server" else made.start("worker", "--lease", _LEASE_S)
    stop.set()
    for sender in senders:
        sender.join()
    until = time.monotonic() + 60
    while set(made.counts()) & {"queued", "running"} and time.monotonic() < until:
        time.sleep(0.5)
    for process in running.values():
        process.terminate()
        process.wait()
    counts, results = made.counts(), made.results()
    ended = sum(counts.values()) - counts.get("queued", 0) - counts.get("running", 0)
    lost = set(accepted) - set(results)
    print(
        f"{kind}: killed {kills} times; {len(accepted)} submissions accepted, {sum(counts.values())} stored"
    )
    print(f"  ended {ended}: {counts}; results {len(results)}, different {len(set(results))}")
    print(f"  accepted without a result: {len(lost)}")


def send(made: Field, number: int, stop: threading.Event, accepted: list[int]) -> None:
    """Hand in one submission after another; what broke off is handed in again by the same token."""
    turn = 0
    while not stop.is_set():
        turn += 1
        client = Client(made.port, made.tokens[(number + _SENDERS * turn) % len(made.tokens)])
        text = predictions(1000 * number + turn)
        new = {"file_name": "mine.csv", "bytes": len(text)}
        upload = again(lambda c=client, n=new: c.call("POST", "/api/competitions/load/uploads", n))
        again(lambda c=client, u=upload, t=text: c.call("PUT", u["path"], t))
        accepted.append(again(lambda c=client, u=upload: c.hand_in(u["token"])))
        time.sleep(0.05)


def again(call):  # type: ignore[no-untyped-def]
    """Repeat a call until the server answers it."""
    while True:
        try:
            return call()
        except ConnectionError:
            time.sleep(0.1)


if __name__ == "__main__":
    main()
