"""Run the command line of a clone of Photofinish and read the JSON that it prints."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from finishtape.errors import Failed
from finishtape.values import Board, Comparison, Json, Record

_OF_A_KERNEL = {"MPLBACKEND", "PYTHONPATH", "PYTHONHOME"}
"""What a notebook's kernel sets for itself: other versions of packages, a backend that only it has."""
_VERDICTS = {0: "not slower", 3: "slower", 4: "unknown"}
"""What the exit code of ``compare`` says; the text tells ``faster`` from ``no difference``."""


class Checkout:
    """A clone of Photofinish after ``make setup``. Raises Failed with the line that it prints as reason."""

    def __init__(self, folder: str | Path, home: str | Path | None = None) -> None:
        self.folder = Path(folder).expanduser().resolve()
        self._python = self.folder / ".venv" / "harness" / "bin" / "python"
        if not self._python.exists():
            raise Failed(f"{self.folder} is no clone of Photofinish that was set up; run 'make setup' in it")
        self._environment = {name: value for name, value in os.environ.items() if name not in _OF_A_KERNEL}
        if home is not None:
            self._environment["PHOTOFINISH_HOME"] = str(Path(home).expanduser().resolve())

    def run(self, task: str, submission: str | Path, *options: str) -> Record:
        """Measure a submission in few processes; the record is provisional. ``options`` as in a terminal."""
        return self._measured(task, submission, "--quick", *options)

    def submit(self, task: str, submission: str | Path, team: str, *options: str) -> Record:
        """Measure a submission in all processes and enter the record under a team's name."""
        return self._measured(task, submission, "--team", team, *options)

    def board(self, task: str, *options: str) -> Board:
        """Return a whole board. ``options`` as in the terminal: ``"--profile", "edge"``."""
        return Board(json.loads(self._told("board", task, "--json", *options)))

    def record(self, record: str) -> Record:
        """Return a record by the first digits of its id."""
        return Record(json.loads(self._told("show", record, "--json")))

    def compare(self, a: str | Path | Record, b: str | Path | Record, *options: str) -> Comparison:
        """Say whether a is faster than b. Records are read; submissions are measured against each other."""
        names = [one.id if isinstance(one, Record) else _path(one) for one in (a, b)]
        done = self._run("compare", *names, *options)
        if done.returncode not in _VERDICTS:
            raise Failed(_reason(done))
        sentences = tuple(filter(None, done.stdout.splitlines()))
        told = "".join(line.removeprefix("verdict: ") for line in sentences if line.startswith("verdict: "))
        known = told in {"faster", "slower", "no difference"}
        return Comparison(told if known else _VERDICTS[done.returncode], sentences, {})

    def _measured(self, task: str, submission: str | Path, *options: str) -> Record:
        done = self._run("run", task, _path(submission), "--json", *options)
        data = _first_json(done.stdout)
        if data is None:
            raise Failed(_reason(done))
        return Record(data)

    def _told(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise Failed(_reason(done))
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self._python), str(self.folder / "run_bench.py"), *arguments],
            capture_output=True, text=True, env=self._environment, check=False,
        )  # fmt: skip


def _path(submission: str | Path) -> str:
    """Return a path as it is from any folder; the name of a shipped entry stays."""
    path = Path(submission).expanduser()
    return str(path.resolve()) if path.exists() else str(submission)


def _first_json(printed: str) -> Json | None:
    """Return the record that ``run`` printed. It exits with 2 where the record is invalid, too."""
    try:
        data, _ = json.JSONDecoder().raw_decode(printed.lstrip())
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if line.startswith("photofinish: ")), (lines or [""])[-1])
    return reason.removeprefix("photofinish: ") or f"the command ended with exit code {done.returncode}"
