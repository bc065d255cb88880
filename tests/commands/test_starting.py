"""The loop of a newcomer: begin with files that work, try them in the sandbox, see what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import ROOT

TINY = "tests/fixtures/tiny/task.py"
Run = Callable[..., subprocess.CompletedProcess[str]]
MODEL = "    return lambda x: np.int64(x.argmax())"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home"), "COLUMNS": "160"}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "run_bench.py", *map(str, words)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


@pytest.fixture
def mine(run: Run, tmp_path: Path) -> Path:
    """A submission as ``init`` writes it."""
    told = run("init", TINY, tmp_path / "mine")
    assert told.returncode == 0, told.stderr
    assert f"Wrote {tmp_path}/mine/submission.py: a copy of the reference 'honest'" in told.stdout
    return tmp_path / "mine"


def test_a_new_submission_says_its_shapes_and_answers_at_once(run: Run, mine: Path, tmp_path: Path) -> None:
    source = (mine / "submission.py").read_text()
    head, _, body = source.partition("\n\n")
    assert all(line.startswith("#") for line in head.splitlines())
    for line in ("# The first query, q0, is:\n#     int64 (8,)", "answers it with:\n#     int64 ()"):
        assert line in head
    assert body == (ROOT / "tests/fixtures/tiny/honest.py").read_text()

    told = run("try", TINY, mine, "--queries", "3")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert [line.split()[0] for line in lines if " ms" in line] == [
        "start",
        "import",
        "build",
        "q0",
        "q1",
        "q2",
    ]
    assert sum("int64 (8,)   -> int64 ()" in line for line in lines) == 1
    assert sum("-> int64 ()" in line for line in lines) == 3
    assert sum("first answer after" in line for line in lines) == 1
    assert "On these queries alone: accuracy 1.00." in lines
    assert lines[-1] == f"Nothing was recorded. Next: photofinish run {TINY} {mine} --quick"
    assert not (tmp_path / "home" / "records").exists()


@pytest.mark.parametrize(
    ("model", "printed", "message"),
    [
        (
            "    return lambda x: print('seen', x.shape) or 1 / 0",
            ("seen (8,)", "Traceback (most recent call last)", "ZeroDivisionError: division by zero"),
            "query raised ZeroDivisionError: division by zero (submission.py, line ",
        ),
        ("    return lambda x: x", ("build",), "q0: the answer must be one number"),
        ("    print('no model')", ("no model",), "build(context) gave NoneType, which cannot be called"),
        ("    return", ("import",), "build(context) gave NoneType"),
        ("   return 1 +", (), "SyntaxError"),
    ],
)
def test_what_is_wrong_is_said_with_what_was_printed(
    run: Run, mine: Path, model: str, printed: tuple[str, ...], message: str
) -> None:
    file = mine / "submission.py"
    assert MODEL in file.read_text()
    file.write_text(file.read_text().replace(MODEL, model))
    told = run("try", TINY, mine)
    assert told.returncode == 2
    assert message in told.stderr
    assert "run_bench.py" not in told.stderr, "no traceback of ours"
    for text in printed:
        assert text in told.stdout


def test_the_code_is_profiled_inside_the_sandbox(run: Run, mine: Path) -> None:
    file = mine / "submission.py"
    slow = "    import helper\n    return lambda x: np.int64(helper.slowly(x))"
    file.write_text(file.read_text().replace(MODEL, slow))
    (mine / "helper.py").write_text(
        "import time\n\ndef slowly(x):\n    time.sleep(0.05)\n    return x.argmax()\n"
    )
    told = run("try", TINY, mine, "--profile-code", "--queries", "4")
    assert told.returncode == 0, told.stderr
    (line,) = (line for line in told.stdout.splitlines() if line.rstrip().endswith("entry/helper.py:3"))
    assert line.split()[-3:-1] == ["4", "slowly"]
    assert float(line.split()[4]) >= 0.2, "what it calls counts: it slept"
    (sleep,) = (line for line in told.stdout.splitlines() if "time.sleep" in line)
    assert float(sleep.split()[0]) > 50, "most of the time"


def test_watching_tries_again_at_every_save(environment: dict[str, str], mine: Path) -> None:
    command = [sys.executable, "-u", "run_bench.py", "try", TINY, str(mine), "--watch", "--queries", "1"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            file = mine / "submission.py"
            seen = _until(process.stdout, "Watching")
            assert "Nothing was recorded" in seen
            file.write_text(file.read_text().replace(MODEL, "    return lambda x: x"))
            assert "q0: the answer must be one number" in _until(process.stdout, "Watching")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def _until(lines: object, word: str) -> str:
    seen = ""
    for line in lines:  # type: ignore[attr-defined]
        seen += line
        if word in line:
            return seen
    raise AssertionError(seen)


@pytest.mark.slow
def test_a_new_task_is_short_whole_and_tested(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "largest"
    told = run("init", "--task", "largest", folder)
    assert told.returncode == 0, told.stderr
    source = (folder / "task.py").read_text()
    assert 'name="largest"' in source and "starter" not in source
    assert len(source.splitlines()) < 60
    told = run("run", folder / "task.py", "reference", "--quick", "--json")
    assert told.returncode == 0, told.stderr
    assert '"accuracy":{"value":1.0' in told.stdout
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout
    assert "2 passed" in tests.stdout
    assert run("init", folder / "task.py", tmp_path / "entry").returncode == 0
    assert run("try", folder / "task.py", tmp_path / "entry").returncode == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("init", TINY), "name the folder to be made: init tests/fixtures/tiny/task.py FOLDER"),
        (
            ("init", TINY, "tests"),
            "tests exists already; name a folder that does not, nothing is overwritten",
        ),
        (("init", "cost", "new"), "unknown task 'cost'; did you mean 'cots'?"),
        (("init", "--task", "cots", "new"), "'cots' cannot be a task's name"),
        (("init", "--task", "../x", "new"), "'../x' cannot be a task's name"),
        (("init", "--task", "mine", "a", "b"), "--task takes the folder alone: init --task mine b"),
        (("try", TINY, "none.py"), "there is no submission at none.py"),
        (("try", TINY, "none.py", "--watch"), "there is no submission at none.py; --watch needs a file"),
    ],
)
def test_what_cannot_be_is_said(run: Run, words: tuple[str, ...], message: str) -> None:
    told = run(*words)
    assert told.returncode == 2
    assert message in told.stderr
    assert not (ROOT / "new").exists()
