"""What a newcomer does in the first hour, each command timed, as Markdown for the documentation.

    .venv/harness/bin/python -m bench.first_hour cots | segmentation | reviews --from FILE.parquet

Everything happens in a new home and a new folder: init, try, run, show --worst, an edit, run, compare.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
MOST_LINES = 30


@dataclass(frozen=True)
class Journey:
    """The task as it is typed, what is changed in the submission, and the size of the terminal."""

    task: str
    before: str
    after: str


JOURNEYS = {
    "cots": Journey("cots", "THRESHOLD = 2.0", "THRESHOLD = 1.0"),
    "segmentation": Journey("segmentation", "TRUST = 1.5", "TRUST = 2.5"),
    "reviews": Journey("reviews/task.py", "COMMON = 5", "COMMON = 2"),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("journey", choices=JOURNEYS)
    parser.add_argument("--from", dest="source", default="")
    typed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        go(JOURNEYS[typed.journey], typed.source, Path(folder))


def go(journey: Journey, source: str, folder: Path) -> None:
    """Take every step in ``folder`` and print it; ends where one fails."""
    if "/" in journey.task:
        (folder / "reviews").symlink_to(ROOT / "tests" / "fixtures" / "reviews")
        (folder / "FILE.parquet").symlink_to(Path(source).resolve())
    data = "--from FILE.parquet" if source else ""
    task, own = journey.task, f"--task {journey.task}" if "/" in journey.task else ""
    edit = f"sed 's/^{journey.before}/{journey.after}/' mine/submission.py > braver.py"
    steps = (
        f"photofinish init {task} mine {data}",
        f"photofinish try {task} mine {data}",
        f"photofinish run {task} mine --quick {data}",
        f"photofinish show mine --worst 5 {own}",
        edit,
        f"photofinish run {task} braver.py --quick {data}",
        f"photofinish compare braver.py mine --quick --task {task} {data}",
    )
    home = {"PHOTOFINISH_HOME": str(folder / "home"), "COLUMNS": "100", "NO_COLOR": "1"}
    path = f"{ROOT / 'bin'}{os.pathsep}{os.environ['PATH']}"
    whole = perf_counter()
    for step in steps:
        print(f"    {' '.join(shlex.split(step)) if step != edit else step}\n", flush=True)
        started = perf_counter()
        told = subprocess.run(
            step,
            shell=True,
            check=False,
            cwd=folder,
            env={**os.environ, **home, "PATH": path},
            capture_output=True,
            text=True,
        )
        took = perf_counter() - started
        print(f"{_shown(told.stdout or told.stderr, folder)}Took {took:.1f} s.\n", flush=True)
        if told.returncode not in {0, 3}:
            sys.exit(f"'{step}' ended with {told.returncode}: {told.stderr[-2000:]}")
    print(f"All of it took {perf_counter() - whole:.0f} s.")


def _shown(text: str, folder: Path) -> str:
    """Fence what a command printed, without the folder's own name and at most ``MOST_LINES`` lines of it."""
    lines = [line.rstrip() for line in text.replace(f"{folder}/", "").splitlines()]
    lines = [line for line in lines if line][:MOST_LINES]
    return "\n".join(("```text", *lines, "```", "", "")) if lines else ""


if __name__ == "__main__":
    main()
