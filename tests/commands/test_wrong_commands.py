"""Wrong commands: one message that names the file and the cure, the right exit code, nothing imported."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = "tests/fixtures/tiny/task.py"
SUBMISSION = 'open({mark!r}, "w").close()\n\n\ndef build(context):\n    return lambda x: x\n'
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home"), "COLUMNS": "160", **environment}
        given.pop("MLFLOW_TRACKING_URI", None)
        return subprocess.run(
            [sys.executable, "run_bench.py", *words],
            cwd=ROOT,
            env=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


def refused(told: subprocess.CompletedProcess[str], *messages: str) -> None:
    assert "Traceback" not in told.stderr
    assert told.returncode == 2, told.stderr
    for message in messages:
        assert message in " ".join(told.stderr.split()), told.stderr


def test_a_submission_in_the_place_of_the_task_is_never_imported(run: Run, tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    entry = tmp_path / "mine.py"
    for more in ("", "task = 1\n"):
        entry.write_text(SUBMISSION.format(mark=str(mark)) + more)
        told = run("run", str(entry))
        refused(
            told, f"{entry} was given as the task, but it is a submission", "run TASK mine.py", "not imported"
        )
        assert not mark.exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n", "defines no 'task = Task(...)'. It was not imported"),
        ("def broken(:\n", "it is not Python"),
        (
            "import nowhere\ntask = 1\n",
            "cannot be imported: ModuleNotFoundError: No module named 'nowhere' (line 1)",
        ),
        ("task = 1\n", "defines no 'task = Task(...)'"),
        ("task = 1 / 0\n", "ZeroDivisionError: division by zero (line 1)"),
        ("\0", "it is not Python"),
        ("(" * 5000, "it is not Python"),
    ],
)
def test_a_file_that_is_no_task_is_refused_by_name(run: Run, tmp_path: Path, source: str, said: str) -> None:
    path = tmp_path / "task.py"
    path.write_text(source)
    refused(run("board", str(path)), str(path), said)


@pytest.mark.slow
def test_a_task_run_by_path_runs_its_own_reference(run: Run) -> None:
    told = run("run", TINY, "--quick", "--json")
    assert told.returncode == 0, told.stderr
    assert '"name":"honest"' in told.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("run", TINY, "honest", "--seed", "-1"),
            "Invalid value for '--seed': Input should be greater than or equal to 0",
        ),
        (("board", TINY, "--json", "--csv"), "--json and --csv cannot be combined"),
        (("board", TINY, "--csv", "--markdown"), "--csv and --markdown cannot be combined"),
        (("board", TINY, "--table", "--json"), "--json and --table cannot be combined"),
        (("run", TINY, ""), "the name of the submission is empty"),
        (("run", TINY, "honest", "no_such"), "no_such"),
        (("run", TINY, "honest", "honest", "--save-request", "r"), "--save-request needs one"),
        (("serve", "--host", "no.such.host.invalid"), "choose another --host"),
    ],
)
def test_options_that_cannot_be_are_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    refused(run(*words), said)


def test_a_port_in_use_is_said_before_any_address(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = run("serve", "--port", port)
    refused(
        told, f"port {port} of 127.0.0.1 cannot be used: Address already in use; choose another with --port"
    )
    assert "http://" not in told.stderr
