"""What each runtime costs on one network, on the profiles ``cpu`` and ``edge``, interleaved.

``python -m bench.runtimes [--processes N] ENVIRONMENT...`` takes folders of environments such as
``.venv/lite``. The network, of dense layers, is exported to the file of every runtime that one of them has.
In each of N rounds one process of every runtime is alive; they take turns in blocks of queries, in an order
drawn anew, and whoever does not answer is frozen. The tables are Markdown.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np

from harness.intake.lookup import inspect
from harness.probes.machine import worker_packages
from harness.sandbox import choose
from harness.session.runtimes import runtime
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import Worker
from harness.spec import PROFILES, Environment, Limits, Submission
from harness.spec.errors import SubmissionError
from tests.fixtures.networks import make

WIDTHS = (256, 1024, 1024, 10)
BLOCKS, BLOCK = 20, 25
EXPORTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "tensorflow": (
        "tensorflow",
        {"litert": "network.tflite", "keras": "network.keras", "savedmodel": "saved"},
    ),
    "onnx": ("onnx", {"onnx": "network.onnx"}),
    "openvino": ("openvino", {"openvino": "network"}),
    "torch_export": ("torch", {"torch_export": "network.pt2"}),
    "torchscript": ("torch", {"torchscript": "network.pt"}),
    "jax_export": ("jax", {"jax_export": "network.stablehlo"}),
    "skops": ("skops", {"skops": "network.skops"}),
}
"""For each exporter of ``make.py``: the package that it needs, and the files that it leaves by kind."""


@dataclass
class Costs:
    """What was seen of one runtime: seconds, microseconds by process, MB, and why it did not run."""

    imports: list[float] = field(default_factory=list)
    builds: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    p50s_us: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    difference: float = 0.0
    fault: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("environments", nargs="+", type=Path)
    parser.add_argument("--processes", type=int, default=5)
    given = parser.parse_args()
    environments = [_environment(folder.resolve()) for folder in given.environments]
    with tempfile.TemporaryDirectory() as name:
        entries = dict(_entries(Path(name), environments))
        for profile in ("cpu", "edge"):
            costs = {kind: Costs() for kind in entries}
            for number in range(given.processes):
                _round(profile, entries, costs, Path(name), number)
            _print(profile, entries, costs, given.processes)


def _environment(folder: Path) -> Environment:
    python = folder / "bin" / "python"
    return Environment(folder.name, python, "", worker_packages(Worker(python, ())), 0)


def _entries(folder: Path, environments: Sequence[Environment]) -> Iterator[tuple[str, Submission]]:
    """Export the network where its exporter's package is; yield kinds and submissions."""
    for exporter, (package, files) in EXPORTS.items():
        having = next((one for one in environments if package in one.versions), None)
        if having is None:
            print(f"{exporter}: no environment has {package}")
            continue
        command = [str(having.python), make.__file__, str(folder), exporter, "--widths", *map(str, WIDTHS)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"{exporter} made nothing:\n{run.stderr[-800:]}")
        for kind, file in files.items():
            needed = set(runtime(kind).packages)
            runs = next(one for one in environments if needed <= set(one.versions))
            yield kind, replace(inspect(folder / file, Limits(), folder / "entries"), environment=runs)


def _round(
    profile: str, entries: Mapping[str, Submission], costs: Mapping[str, Costs], folder: Path, number: int
) -> None:
    """Start one process of each runtime, and let them answer in turns."""
    settings = ExecutionSettings(choose(), PROFILES[profile], Limits(), folder, {})
    rng = np.random.default_rng(number)
    vectors = rng.normal(size=(64, WIDTHS[0])).astype(np.float32)
    order = random.Random(number)
    with ExitStack() as stack:
        alive: dict[str, Session] = {}
        for kind in order.sample(list(entries), len(entries)):
            session = stack.enter_context(Session(settings, entries[kind], seed=number))
            try:
                _begin(session, costs[kind], vectors[0])
                alive[kind] = session
            except SubmissionError as error:
                costs[kind].fault = str(error)
        times: dict[str, list[int]] = {kind: [] for kind in alive}
        for _ in range(BLOCKS):
            for kind in order.sample(list(alive), len(alive)):
                times[kind] += [alive[kind].ask(vectors[i % 64]).ns for i in range(BLOCK)]
        for kind, session in alive.items():
            costs[kind].p50s_us.append(median(times[kind]) / 1e3)
            costs[kind].memory_mb.append(session.memory_peak_mb() or 0.0)


def _begin(session: Session, costs: Costs, vector: np.ndarray) -> None:
    """Take a session to its first answer, which is compared with NumPy's."""
    session.start()
    imported = session.load()
    built = session.build()
    reply = session.ask(vector)
    got = np.asarray(session.answers(reply)[0])
    wanted = make.answers(vector, make.layers(list(WIDTHS)))
    costs.difference = max(costs.difference, float(np.abs(got - wanted).max()))
    costs.imports.append(imported)
    costs.builds.append(built)
    costs.first_ms.append(reply.ns / 1e6)
    session.resting = True
    session.freeze()


def _print(
    profile: str, entries: Mapping[str, Submission], costs: Mapping[str, Costs], processes: int
) -> None:
    title = PROFILES[profile].title
    print(f"\nProfile `{profile}` ({title}), {processes} processes of each, layers {WIDTHS}\n")
    print(
        "| runtime | file | import | build | first query | p50 (range over processes) | memory | differs by |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind in sorted(costs, key=lambda kind: median(costs[kind].p50s_us or [np.inf])):
        cost, path = costs[kind], entries[kind].path
        file = path.suffix or ("SavedModel" if kind == "savedmodel" else ".xml")
        row = f"| {runtime(kind).title} | {file} "
        if not cost.p50s_us:
            print(row + f"| {cost.fault} | | | | | |")
            continue
        p50 = f"{median(cost.p50s_us):.0f} µs ({min(cost.p50s_us):.0f} to {max(cost.p50s_us):.0f})"
        print(
            row + f"| {median(cost.imports):.2f} s | {median(cost.builds):.3f} s "
            f"| {median(cost.first_ms):.1f} ms "
            f"| {p50} | {median(cost.memory_mb):.0f} MB | {cost.difference:.0e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
