"""The text entries against each other, trained in turns: examples a second of each, and ratios.

    .venv/harness/bin/python -m bench.text_ladder [--from FILE.parquet] [--rounds N] [ENTRY ...]

Each round trains every entry once in the sandbox, in a new order. Prints two tables: one whose clock runs
from the start of preparing to the end of training, and one that counts the imports before as well. Each holds
the median rate, and the median over rounds of its ratio to that of the others.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from commands.home import home, places
from datasets.texts import layout
from harness.intake.lookup import find_submission, shipped_names
from harness.probes.usage import cpu_seconds
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, DataRequest
from tasks.text.outcome import EPOCHS
from tasks.text.task import task

LADDER = ("in_model", "prefetched", "cached", "fast")


def trained(settings: ExecutionSettings, name: str) -> tuple[float, float, float]:
    """Train once; seconds by wall time and of all cores, and seconds of the imports before."""
    submission = find_submission(task, name, places())
    with Session(settings, submission, 0) as session:
        session.start()
        imported = session.load()
        before = cpu_seconds(session.tree())
        seconds = session.prepare() + session.build()
        return seconds, cpu_seconds(session.tree()) - before, imported


def measured(
    settings: ExecutionSettings, names: Sequence[str], rounds: int
) -> tuple[Mapping[str, list[float]], Mapping[str, list[float]]]:
    """Train every entry once a round, in a new order each time; return seconds without and with imports."""
    alone: dict[str, list[float]] = {name: [] for name in names}
    whole: dict[str, list[float]] = {name: [] for name in names}
    rng = random.Random(0)
    for number in range(rounds):
        for name in rng.sample(names, len(names)):
            wall, cpu, imported = trained(settings, name)
            alone[name].append(wall)
            whole[name].append(wall + imported)
            print(f"round {number + 1}  {name:12} {wall:7.3f} s, CPU {cpu:6.2f} s, imports {imported:5.2f} s",
                  flush=True)  # fmt: skip
    return alone, whole


def table(title: str, seconds: Mapping[str, list[float]], examples: int) -> Iterator[str]:
    """Yield the lines of a table: rates, and how many times those of the others they are."""
    yield f"| {title} | examples/s | {' | '.join(f'over `{name}`' for name in seconds)} |"
    yield "| --- " + "| --: " * (len(seconds) + 1) + "|"
    for name, mine in seconds.items():
        ratios = [
            f"{median(b / a for a, b in zip(mine, theirs, strict=True)):.1f}" for theirs in seconds.values()
        ]
        yield f"| `{name}` | {examples / median(mine):,.0f} | {' | '.join(ratios)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="text entries trained in turns")
    parser.add_argument("entries", nargs="*", metavar="ENTRY", default=LADDER)
    parser.add_argument("--from", dest="source", type=Path, help="reviews, as the variant imdb takes them")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if unknown := set(asked.entries) - set(shipped_names(task)):
        parser.error(f"no entry is called {sorted(unknown)[0]!r}")
    prepared = task.dataset.prepare(DataRequest("docstrings", home() / "data", asked.source))
    settings = ExecutionSettings(
        choose(None), PROFILES["cpu"], task.execution.limits, prepared.public, task.execution.params
    )
    alone, whole = measured(settings, list(asked.entries), asked.rounds)
    examples = EPOCHS * layout.rows(prepared.public)
    print(
        "\n".join(
            ["", *table("training alone", alone, examples), "", *table("with imports", whole, examples)]
        )
    )


if __name__ == "__main__":
    main()
