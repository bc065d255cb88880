"""The commands as people type them: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TINY = "tests/fixtures/tiny/task.py"
Run = Callable[..., subprocess.CompletedProcess[str]]

TWELVE_LINES = '''"""Names the largest number."""

import numpy as np


def build(context):
    seed = context.seed

    def model(x):
        return np.int64(np.argmax(x) + 0 * seed)

    return model
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def run(home: Path) -> Run:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PHOTOFINISH_HOME": str(home), "COLUMNS": "160"}
        environment.pop("MLFLOW_TRACKING_URI", None)
        return subprocess.run(
            [sys.executable, "run_bench.py", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


@pytest.mark.slow
def test_a_twelve_line_submission_outside_the_repository_prints_one_json_record(
    run: Run, tmp_path: Path
) -> None:
    entry = tmp_path / "mine.py"
    entry.write_text(TWELVE_LINES)
    told = run("run", TINY, str(entry), "--profile", "edge", "--quick", "--json")
    assert told.returncode == 0, told.stderr
    record = json.loads(told.stdout)
    needed = {
        "schema", "id", "task", "task_version", "data", "profile", "submission", "status", "validity",
        "isolation", "metrics", "phases", "machine", "versions", "seed", "started",
    }  # fmt: skip
    assert needed <= set(record)
    assert record["profile"] == "edge"
    assert record["metrics"]["accuracy"]["value"] == 1.0

    board = run("board", TINY, "--profile", "edge", "--json")
    assert [row["entry"] for row in json.loads(board.stdout)["rows"]] == ["mine"]
    shown = run("show", record["id"][:6])
    assert record["id"] in shown.stdout
    pictures = run("show", record["id"], "--plots").stdout
    assert "latency_histogram.png" in pictures
    assert "memory_timeline.png" in pictures


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "cost"), "unknown task 'cost'; did you mean 'cots'?"),
        (("run", TINY, "/nowhere/mine.py"), "there is no submission at /nowhere/mine.py"),
        (("run", TINY, "hones"), "did you mean 'honest'?"),
        (("run", TINY, "honest", "--profile", "egde"), "did you mean 'edge'?"),
        (("run", TINY, "honest", "--data", "fully"), "unknown data variant 'fully'"),
        (("run", TINY, "README.md"), "is no submission"),
        (("board", "cots", "--profile", "gpu"), "no records of cots on profile gpu"),
        (("show", "ffffffffffff"), "unknown record"),
    ],
)
def test_the_users_mistakes_are_one_line_and_exit_code_2(
    run: Run, words: tuple[str, ...], message: str
) -> None:
    told = run(*words)
    assert told.returncode == 2, told.stderr
    assert message in told.stderr
    assert len(told.stderr.strip().splitlines()) <= 2
    assert not told.stdout


@pytest.mark.slow
def test_ctrl_c_leaves_no_process_and_nothing_half_written(home: Path, tmp_path: Path, run: Run) -> None:
    entry = tmp_path / "slow.py"
    mark = f"photofinish-test-{os.getpid()}"
    entry.write_text(
        "import subprocess, sys, time\n"
        "def build(context):\n"
        f"    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{mark}'])\n"
        "    time.sleep(600)\n"
    )
    environment = {**os.environ, "PHOTOFINISH_HOME": str(home)}
    command = subprocess.Popen(
        [sys.executable, "run_bench.py", "run", TINY, str(entry), "--quick"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while mark not in processes():
        assert time.monotonic() < deadline
        assert command.poll() is None
        time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    _, told = command.communicate(timeout=30)
    assert command.returncode == 130
    assert "interrupted" in told
    assert mark not in processes()
    assert not list((home / "records").glob(".building*"))
    assert run("run", TINY, "honest", "--quick").returncode == 0


def processes() -> str:
    """Every command line on this machine."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(lines)


def test_doctor_names_every_backend_runtime_and_profile(run: Run) -> None:
    told = run("doctor").stdout
    for part in ("bubblewrap", "landlock", "bare", "LiteRT", "TensorFlow", "gpu", "browser", "kaggle"):
        assert part in told
