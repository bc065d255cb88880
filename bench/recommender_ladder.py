"""The ladder of input pipelines: what each step bought, in rows a second and in CPU seconds a row.

Each rung goes through the sandbox three times: whole, reading without a model, and training on one batch
again and again. Clock and CPU time are read from outside, over ``build`` alone, but for the second column,
which counts the imports before as well, as records do. Graphs are traced within ``build``.

    .venv/harness/bin/python -m bench.recommender_ladder [--data VARIANT] [--out FOLDER] [RUNG ...]

Prints the table and leaves it with the plot as ``recommender_ladder.md`` and ``.png``. The data lie warm in
the page cache: nothing here is said of disks. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.recommender_plot import Claim, draw
from commands.home import home, places
from harness.intake.lookup import find_submission
from harness.probes.usage import cpu_seconds, usage
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, DataRequest, Json
from tasks.recommender.task import task

RUNGS: Mapping[str, tuple[str, Mapping[str, Json]]] = {
    "row_records": ("row_records", {}),
    "batched_parse": ("batched_parse", {}),
    "batched_parse_hashed": ("batched_parse_hashed", {}),
    "prebatched": ("prebatched", {}),
    "prebatched_hashed": ("prebatched_hashed", {}),
    "prebatched, XLA": ("prebatched", {"jit": True}),
    "raw_arrow": ("raw_arrow", {}),
    "fast": ("fast", {}),
    "compiled": ("compiled", {}),
}
PARTS: tuple[Mapping[str, Json], ...] = ({}, {"part": "input"}, {"part": "model"})


@dataclass(frozen=True)
class Run:
    """One build, seen from outside."""

    seconds: float
    cpu_s: float
    memory_mb: float
    prepared_mb: float
    import_s: float


@dataclass(frozen=True)
class Rung:
    """A rung's three builds over ``rows`` rows each, and the bytes of a row as it reads them."""

    name: str
    rows: int
    whole: Run
    reading: Run
    model: Run
    bytes_a_row: float

    @property
    def rate(self) -> float:
        """Rows a second, all told."""
        return self.rows / self.whole.seconds

    @property
    def rate_with_imports(self) -> float:
        """Rows a second from the submission's first line on."""
        return self.rows / (self.whole.seconds + self.whole.import_s)

    @property
    def efficiency(self) -> float:
        """The whole's rate as a share of the model's alone."""
        return self.model.seconds / self.whole.seconds

    @property
    def cells(self) -> tuple[str, ...]:
        """The line of the table."""
        rates = [f"{self.rows / run.seconds:,.0f}" for run in (self.whole, self.reading, self.model)]
        cpu = [f"{run.cpu_s / self.rows * 1e6:,.2f}" for run in (self.whole, self.reading)]
        memory = f"{self.whole.memory_mb:,.0f}"
        rates.insert(1, f"{self.rate_with_imports:,.0f}")
        return (self.name, *rates, f"{self.efficiency:.0%}", *cpu, f"{self.bytes_a_row:,.0f}", memory)


HEADS = (
    "rung", "rows/s", "with imports", "input alone", "model alone", "of model alone", "CPU us/row",
    "of reading", "bytes/row", "MB",
)  # fmt: skip


def climb(public: Path, names: Sequence[str]) -> Iterator[Rung]:
    """Measure the rungs one after another."""
    backend = choose(None)
    rows = json.loads((public / "schema.json").read_text())["rows"]
    for name in names:
        entry, extra = RUNGS[name]
        submission = find_submission(task, entry, places())
        runs = []
        for part in PARTS:
            settings = ExecutionSettings(
                backend,
                PROFILES["cpu"],
                task.execution.limits,
                public,
                {**task.execution.params, **extra, **part},
            )
            with Session(settings, submission, 0) as session:
                runs.append(build(session))
        file = "train.parquet" if entry in {"fast", "compiled"} else "train.tfrecord"
        size = runs[0].prepared_mb * 1e6 or (public / file).stat().st_size
        yield Rung(name, rows, *runs, bytes_a_row=size / rows)


def build(session: Session) -> Run:
    """Bring one process to the end of its training."""
    session.start()
    import_s = session.load()
    session.prepare()
    prepared_mb = session.workdir_mb()
    session.begin_memory_peak()
    before = cpu_seconds(session.tree())
    seconds = session.build()
    while session.at_checkpoint:
        seconds += session.resume()
    used = usage(session.tree())
    return Run(seconds, used.cpu_s - before, session.memory_peak_mb() or 0.0, prepared_mb, import_s)


def claims(rungs: Mapping[str, Rung]) -> list[Claim]:
    """The article's steps beside ours, where both rungs were measured."""

    def ratio(above: str, below: str, part: str = "whole") -> float | None:
        if above not in rungs or below not in rungs:
            return None
        fast, slow = rungs[above], rungs[below]
        if part == "reading":
            return slow.reading.cpu_s / fast.reading.cpu_s
        if part == "imports":
            return fast.rate_with_imports / slow.rate_with_imports
        return fast.rate / slow.rate

    rows, parsed, batched = "row_records", "batched_parse", "prebatched"
    shrunk = rungs[rows].bytes_a_row / rungs[batched].bytes_a_row if {rows, batched} <= set(rungs) else None
    found = [
        Claim("prebatched over a record a row, trained", 7.0, ratio(batched, rows)),
        Claim("the same, CPU s of reading", None, ratio(batched, rows, "reading")),
        Claim(
            "prebatched over batched parsing, CPU seconds of reading",
            None,
            ratio(batched, parsed, "reading"),
        ),
        Claim("records shrunk by prebatching (4.1 GB to 803 MB)", 4.1 / 0.803, shrunk),
        Claim("better kernels: XLA over prebatched", 3.77, ratio("prebatched, XLA", batched)),
        Claim("better kernels, all: fast over prebatched", 5.55, ratio("fast", batched)),
        Claim("fast over a record a row, trained", None, ratio("fast", rows)),
        Claim("compiled over a record a row, trained", None, ratio("compiled", rows)),
        Claim("the same, imports counted", None, ratio("compiled", rows, "imports")),
    ]
    return [claim for claim in found if claim.ours is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description="the ladder of input pipelines")
    parser.add_argument("rungs", nargs="*", metavar="RUNG", help=", ".join(RUNGS))
    parser.add_argument("--data", default="mini", help="a variant of clicks")
    parser.add_argument("--out", type=Path, default=home(), help="where table and plot go")
    asked = parser.parse_args()
    if unknown := set(asked.rungs) - set(RUNGS):
        parser.error(f"no rung is called {sorted(unknown)[0]!r}; there are {', '.join(RUNGS)}")
    prepared = task.dataset.prepare(DataRequest(asked.data, places().data))
    rungs: dict[str, Rung] = {}
    print(" | ".join(HEADS), flush=True)
    for rung in climb(prepared.public, asked.rungs or list(RUNGS)):
        rungs[rung.name] = rung
        print(" | ".join(rung.cells), flush=True)
    table = [HEADS, ("---", *["--:"] * (len(HEADS) - 1)), *(rung.cells for rung in rungs.values())]
    compared = [("step", "the article", "here"), ("---", "--:", "--:"), *(c.cells for c in claims(rungs))]
    text = "\n\n".join("\n".join(f"| {' | '.join(line)} |" for line in part) for part in (table, compared))
    print("\n" + text.split("\n\n")[1])
    (asked.out / "recommender_ladder.md").write_text(text + "\n")
    steps = {name: rung.rate for name, rung in rungs.items()}
    (asked.out / "recommender_ladder.png").write_bytes(draw(steps, claims(rungs)))


if __name__ == "__main__":
    main()
