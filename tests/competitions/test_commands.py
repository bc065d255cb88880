"""The commands of competitions as people type them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.competitions.conftest import Play, right
from tests.competitions.serving import serving

ROOT = Path(__file__).parents[2]


def bench(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PHOTOFINISH_HOME": str(home), "COLUMNS": "160", **more}
    environment.pop("PHOTOFINISH_COMPETITIONS_URL", None)
    command = [sys.executable, "run_bench.py", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
def test_a_competition_is_hosted_played_closed_and_verified_from_the_terminal(
    play: Play, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    path = folder / "competition.toml"
    path.write_text(path.read_text().replace("daily = 5", "daily = 9"))
    told = bench(play.home, "host", str(folder))
    assert "coins: brought up to date, hosted by host" in told.stdout
    assert "changed limits.daily: 5 -> 9" in told.stdout
    path.write_text(path.read_text().replace("accuracy", "auc"))
    refused = bench(play.home, "host", str(folder))
    assert refused.returncode == 2
    assert "may not change any more" in refused.stderr
    path.write_text(path.read_text().replace("auc", "accuracy"))
    play.account("ann")
    good, wrong = tmp_path / "good.csv", tmp_path / "wrong.csv"
    good.write_text(right(0.9))
    wrong.write_text("a,b\n")
    with serving(play.home) as port:
        server = f"http://127.0.0.1:{port}"
        mine = {"PHOTOFINISH_TOKEN": play.tokens["ann"], "PHOTOFINISH_SERVER": server}
        sent = bench(play.home, "submit", "coins", str(good), "-m", "x", **mine)
        assert sent.stdout == "submission 1 to coins: queued\n"
        play.judge_all()
        worker = subprocess.Popen(
            [sys.executable, "run_bench.py", "worker"],
            cwd=ROOT,
            env={**os.environ, "PHOTOFINISH_HOME": str(play.home)},
            stderr=subprocess.DEVNULL,
        )
        try:
            failed = bench(play.home, "submit", "coins", str(wrong), "--watch", **mine)
        finally:
            worker.terminate()
            assert worker.wait(30) == 0
        assert failed.returncode == 2
        assert "failed: the columns of wrong.csv must be ['id', 'side']" in failed.stdout
        nobody = bench(play.home, "submit", "coins", str(good), "--token", "0" * 64, "--server", server)
        assert (nobody.returncode, "this token is not valid" in nobody.stderr) == (2, True)
    gone = bench(play.home, "submit", "coins", str(good), **mine)
    assert (gone.returncode, "cannot be reached" in gone.stderr) == (2, True)
    early = bench(play.home, "host", str(folder), "--close")
    assert (early.returncode, "has not ended yet" in early.stderr) == (2, True)
    play.end_it()
    closed = bench(play.home, "host", str(folder), "--close")
    assert "1  ann" in closed.stdout
    assert "First prize" in closed.stdout
    trail = play.home / "competitions" / "coins" / "trail.json"
    verified = bench(play.home, "verify", str(trail))
    assert verified.returncode == 0
    assert "files: 2 of 2 as the trail says; scores: 1 scored again and equal" in verified.stdout
    trail.write_text(trail.read_text().replace('"bytes": ', '"bytes": 1'))
    assert "changed after it was signed" in bench(play.home, "verify", str(trail)).stderr


def test_a_folder_without_a_declaration_is_named(tmp_path: Path) -> None:
    told = bench(tmp_path / "home", "host", str(tmp_path))
    assert told.returncode == 2
    assert "competition.toml cannot be read" in told.stderr
    assert "Traceback" not in told.stderr


def test_the_shipped_example_is_declared_rightly() -> None:
    from competitions.rules.declaration import read_declaration

    declared = read_declaration(ROOT / "competitions" / "example" / "cots").value()
    assert [prize.award for prize in declared.awards.prizes] == ["score", "performance"]
