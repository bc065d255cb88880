"""The recipes of the documentation: the GitHub Action decides by exit codes, the image copies what exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent


@pytest.fixture
def workflow() -> Any:
    page = (ROOT / "docs" / "pull-requests.md").read_text()
    found = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert found
    return yaml.safe_load(found[1])


@pytest.mark.parametrize(
    ("code", "passes", "told"),
    [
        (0, True, "::notice::the entry did not become slower"),
        (3, False, "::error::the entry became slower"),
        (4, True, "::warning::the speed could not be measured"),
        (1, False, "::error::the comparison failed with exit code 1"),
        (2, False, "::error::the comparison failed with exit code 2"),
    ],
)
def test_the_action_fails_a_slower_entry(
    workflow: Any, tmp_path: Path, code: int, passes: bool, told: str
) -> None:
    python = tmp_path / "photofinish" / ".venv" / "harness" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$@"\nexit {code}\n')
    python.chmod(0o755)
    (step,) = [one for one in workflow["jobs"]["compare"]["steps"] if one.get("shell") == "bash"]
    summary = tmp_path / "summary"
    environment = {**workflow["env"], "PATH": "/usr/bin:/bin", "GITHUB_STEP_SUMMARY": str(summary)}
    # As GitHub runs a step whose shell is bash.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == passes, done.stderr
    assert told in done.stdout
    asked = "photofinish/run_bench.py compare new/entry.py old/entry.py --task cots\n"
    assert summary.read_text() == asked


def test_the_image_copies_what_exists_and_its_entry_point_is_the_command_line() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    (entry,) = [line for line in lines if line.startswith("ENTRYPOINT")]
    assert (ROOT / re.findall(r"/photofinish/(run_bench\.py)", entry)[0]).is_file()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", ".photofinish"} <= set(ignored)
