"""The tasks in the terminal: listed, and one of them whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

import run_bench
from harness.intake.lookup import find_task, task_names
from leaderboards.boards.spec import BoardSpec

ROOT = Path(__file__).parents[2]
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(tmp_path / "absent"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(ROOT)

    def command(*words: str) -> str:
        result = CliRunner().invoke(run_bench.app, words)
        assert result.exit_code == 0, result.exception
        return result.stdout

    return command


def test_every_task_is_listed_under_its_whole_name(run: Run) -> None:
    listed = run("tasks")
    assert all(name in listed.split() for name in task_names())
    assert max(map(cell_len, listed.splitlines())) <= 80


@pytest.mark.parametrize("name", [*task_names(), "tests/fixtures/tiny/task.py"])
def test_a_task_is_printed_whole_at_80_columns(run: Run, name: str) -> None:
    shown = run("tasks", name)
    task, words = find_task(name), " ".join(shown.split())
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert " ".join(task.description.split()) in words
    for column in BoardSpec.of(task).columns:
        assert column.title in words
        # A description is wrapped within its column, between other columns' cells.
        assert all(word in words for word in column.description.split())
    facts = [task.title, task.execution.reference, f"build {task.execution.limits.build_s:,g} s"]
    facts += [*task.dataset.variants, *task.execution.profiles, *task.execution.params]
    assert all(fact in words for fact in facts)
    assert "ranks the board" in words
    assert f"run_bench.py run {name} PATH" in words


def test_an_unknown_task_is_named(run: Run) -> None:
    result = CliRunner().invoke(run_bench.app, ["tasks", "cost"])
    assert "did you mean 'cots'?" in str(result.exception)
