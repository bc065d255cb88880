"""Odd surroundings: no room for output, a removed folder, a terminal without UTF-8, a closed descriptor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness import ROOT

TINY = ROOT / "tests" / "fixtures" / "tiny" / "task.py"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("script", "variables", "code", "said"),
    [
        ("mkdir gone; cd gone; rmdir ../gone; $RUN init $TASK new", {}, 2, "the current folder was removed"),
        ("$RUN tasks > /dev/full", {}, 2, "the disk is full"),
        ("$RUN tasks $TASK", ASCII, 0, "number"),
        ("$RUN data cots --from $'\\xff'", ASCII, 2, "\\udcff"),
        ("$RUN tasks <&-", {}, 0, "cots"),
        ("$RUN tasks 2>&-", {}, 0, "cots"),
    ],
)
def test_no_traceback(script: str, variables: dict[str, str], code: int, said: str, tmp_path: Path) -> None:
    told = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={
            **os.environ,
            "RUN": f"{sys.executable} {ROOT / 'run_bench.py'}",
            "TASK": str(TINY),
            "PHOTOFINISH_HOME": str(tmp_path / "home"),
            "COLUMNS": "200",
            **variables,
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    printed = (told.stdout + told.stderr).decode()
    assert "Traceback" not in printed
    assert told.returncode == code, printed
    assert said in printed
