"""Trusted work by one process, by two, and by machines of a real Ray cluster on this computer, side by side.

    .venv/harness/bin/python -m bench.machines_fan --records 300 --sequences 12

Scores the stored answers of made-up records of ``cots`` anew, and renders sequences of the reef. Each way
must give the same bytes; what is printed is the time it took and the hash of all results. Three machines on
one computer share its cores: they show the cost of handing work out, not a gain.
"""

from __future__ import annotations

import argparse
import hashlib
import secrets
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.machines_cluster import started
from commands.home import places
from datasets.reef.mini import render_sequence
from harness.fanning import Fan, by_processes
from harness.intake.lookup import find_task
from harness.portable import OwnFile
from harness.scoring.stored import AskedTask, StoredAnswers, score_stored
from harness.spec import DataRequest, Query
from harness.stats import bootstrap
from machines.machine_fan import MachineFan
from machines.ray_cluster import RayCluster


def found(query: Query, rng: np.random.Generator) -> np.ndarray:
    """Make up the boxes of an entry, float64 (n, 5): the true ones moved, and some that are wrong."""
    moved = query.truth + rng.normal(0, 4, query.truth.shape)
    wrong = np.column_stack([rng.uniform(0, 600, (3, 2)), rng.uniform(20, 60, (3, 2))])
    boxes = np.concatenate([moved, wrong])
    boxes[:, 2:] = np.maximum(boxes[:, 2:], 1)
    return np.column_stack([rng.uniform(0, 1, len(boxes)), boxes])


def records(count: int, folder: Path) -> Callable[[], Sequence[StoredAnswers]]:
    """Write the answers of so many records; the items are made anew for each way."""
    task = find_task("cots")
    data = task.dataset.prepare(DataRequest("mini", places().data))
    queries = task.queries(data)
    files = []
    for number in range(count):
        rng = np.random.default_rng(number)
        files.append(folder / f"{number}" / "answers.npz")
        files[-1].parent.mkdir()
        np.savez_compressed(files[-1], **{query.id: found(query, rng) for query in queries})  # type: ignore[arg-type]

    def items() -> Sequence[StoredAnswers]:
        asked = AskedTask(secrets.token_hex(8), "cots", data)
        return [StoredAnswers(asked, "private", OwnFile(file), places().host_log) for file in files]

    return items


def side_by_side(
    what: str, function: Callable[[Any], bytes], items: Callable[[], Sequence[Any]], ways: dict[str, Fan]
) -> None:
    """Print the time and the hash of each way."""
    print(what)
    for name, fan in ways.items():
        asked, began = items(), perf_counter()
        digest = hashlib.sha256()
        for value in fan(function, asked):
            digest.update(value)
        print(f"  {name:16} {perf_counter() - began:6.1f} s  {digest.hexdigest()[:16]}", flush=True)


def too_small() -> None:
    """Print how long a bootstrap takes, which is not handed out, beside the start of two processes."""
    print("one bootstrap, of 1,000 resamples")
    for count in (60, 1_000, 10_000):
        table = {"right": np.random.default_rng(count).random((count, 11))}
        clusters = [f"{number}" for number in range(count)]
        began = perf_counter()
        bootstrap(table, clusters, lambda sums: {"mean": sums["right"].mean(axis=-1)})
        print(f"  {count:6,} clusters  {1000 * (perf_counter() - began):6.0f} ms")
    began = perf_counter()
    list(by_processes(render_nothing, range(2), 2))
    print(
        f"  two processes that import NumPy and start {1000 * (perf_counter() - began):6.0f} ms", flush=True
    )


def render_nothing(number: int) -> bytes:
    """Return at once."""
    return bytes(np.int8(number))


def main() -> None:
    """Compare the ways."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--sequences", type=int, default=12)
    asked = parser.parse_args()
    too_small()
    with tempfile.TemporaryDirectory() as name, started(Path(name) / "cluster") as cluster:
        for machine in ("one", "two", "three"):
            cluster.join(machine, "cpu,edge")
        connection = RayCluster(cluster.address, cluster.host)
        connection.nodes()  # a cluster that was asked before answers at once
        ways: dict[str, Fan] = {
            "one process": map,
            "two processes": partial(by_processes, count=2),
            "three machines": MachineFan(connection, cluster.host, print),
        }
        made = records(asked.records, Path(name))
        side_by_side(f"{asked.records} records rescored", score_stored, made, ways)
        sequences = [(0, index) for index in range(asked.sequences)]
        side_by_side(f"{asked.sequences} sequences rendered", render_sequence, lambda: sequences, ways)
        connection.close()


if __name__ == "__main__":
    main()
