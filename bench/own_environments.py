"""Entries with packages of their own: which run, what the others are told, and what a start costs.

    .venv/harness/bin/python -m bench.own_environments [--rounds 7]

The packages are real ones, so a source of packages has to be reached. Each entry is handed to ``check``. Then
processes of three entries are started in turns: NumPy in ``lite``, PyTorch in ``torch``, and PyTorch from
a lock file of the entry's own. Ends with 1 where an entry ends otherwise than it should, or where the last is
found with its environment and started 2 s later than the fastest.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from packaging.utils import parse_wheel_filename

from commands.home import places
from harness import ROOT
from harness.environments import index, pythons
from harness.environments.markers import wheel_tags
from harness.environments.stock import LOCKS
from harness.intake.lookup import find_at
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Limits, OwnEnvironments, no_progress

MOST_MORE_S = 2.0
PYPI = OwnEnvironments().sources[0]
TASK = ROOT / "tests" / "fixtures" / "tiny" / "task.py"
MODEL = """import numpy as np
import {name}


def build(context):
    return lambda x: np.int64(x.argmax())
"""
LARGE = (
    *("torch", "tensorflow", "triton", "nvidia-cudnn-cu13", "nvidia-cublas", "nvidia-nccl-cu13"),
    *("nvidia-cusparselt-cu13", "nvidia-cufft", "nvidia-cusolver", "nvidia-cusparse", "nvidia-cudnn-cu12"),
    *("nvidia-cublas-cu12", "nvidia-nccl-cu12", "nvidia-cusparse-cu12", "nvidia-cusolver-cu12"),
    *("nvidia-cublas-cu11", "nvidia-cudnn-cu11", "nvidia-cufft-cu12", "nvidia-cusolver-cu11"),
)
"""Packages of more than 100 MB each."""
Start = tuple[float, float, float]


def wheel(name: str, version: str = "") -> str:
    """Return the line of a lock file that pins the largest wheel of a package for this machine."""
    tags, fitting = set(wheel_tags(pythons.own())), []
    for file in index.files(name, PYPI):
        if file.filename.endswith(".whl"):
            _, found, _, of = parse_wheel_filename(file.filename)
            if of & tags and version in {"", str(found)}:
                fitting.append((file.size or 0, str(found), file.sha256))
    _, found_version, sha256 = max(fitting)
    return f"{name}=={found_version} --hash=sha256:{sha256}\n"


def source(name: str, filename: str) -> str:
    """Return the line of a lock file that pins an archive of source code."""
    [file] = [file for file in index.files(name, PYPI) if file.filename == filename]
    return f"{name}=={filename.removesuffix('.tar.gz').rpartition('-')[2]} --hash=sha256:{file.sha256}\n"


def locks() -> Iterator[tuple[str, str, str, int]]:
    """Yield what an entry shows, what it imports, its lock file, and the exit code that is right."""
    numpy, zeros = wheel("numpy", "1.26.4"), f"--hash=sha256:{'0' * 64}"
    yield "PyTorch", "torch", (LOCKS / "torch.lock").read_text(), 0
    yield "JAX", "jax", (LOCKS / "jax.lock").read_text(), 0
    yield "an older NumPy", "numpy", numpy, 0
    yield "no such package", "numpy", f"{numpy}photofinish-no-such-package==1.0 {zeros}\n", 2
    yield "source code alone", "numpy", numpy + source("docopt", "docopt-0.6.2.tar.gz"), 2
    yield "a wrong hash", "numpy", f"numpy==1.26.4 {zeros}\n", 2
    yield "8 GB", "numpy", numpy + "".join(map(wheel, LARGE)), 2


def entry(folder: Path, module: str, lock: str) -> Path:
    """Write an entry that imports a module, with a lock file of its own where one is given."""
    folder.mkdir()
    (folder / "submission.py").write_text(MODEL.format(name=module))
    if lock:
        (folder / "requirements.txt").write_text(lock)
    return folder


def checked(path: Path) -> tuple[int, str]:
    """Return the exit code of ``check`` and all that it printed."""
    command = [sys.executable, ROOT / "run_bench.py", "check", path, "--task", TASK]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.returncode, " ".join((told.stdout + told.stderr).split())


def starts(paths: dict[str, Path], public: Path, rounds: int) -> dict[str, list[Start]]:
    """Seconds until each entry is found with its environment, until its first word, and for its import."""
    settings = ExecutionSettings(choose(), PROFILES["cpu"], Limits(), public, {})
    taken: dict[str, list[Start]] = {name: [] for name in paths}
    for _ in range(rounds):
        for name, path in paths.items():
            began = perf_counter()
            submission = find_at(path, Limits(), places(), "", no_progress)
            found = perf_counter() - began
            with Session(settings, submission, seed=0) as session:
                taken[name].append((found, session.start(), session.load()))
    return taken


def compared(taken: dict[str, list[Start]]) -> float:
    """Print the medians of each entry; return how much longer the last takes to its first word."""
    print(f"{'median seconds':<24} {'found':>8} {'start':>8} {'import':>8} {'found + start':>14}")
    ready = []
    for who, times in taken.items():
        found, start, load = (statistics.median(column) for column in zip(*times, strict=True))
        ready.append(found + start)
        print(f"{who:<24} {found:8.3f} {start:8.3f} {load:8.3f} {found + start:14.3f}")
    return ready[-1] - min(ready)


def main() -> int:
    """Check every entry, start three of them in turns, print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds, right = parser.parse_args().rounds, True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (shows, module, lock, code) in enumerate(locks()):
            began = perf_counter()
            ended, told = checked(entry(folder / f"entry{number}", module, lock))
            right = right and ended == code
            print(f"{shows} (exit {ended}, {perf_counter() - began:.1f} s): {told}\n", flush=True)
        paths = {
            "NumPy, stock lite": entry(folder / "lite", "numpy", ""),
            "PyTorch, stock torch": entry(folder / "torch", "torch", ""),
            "PyTorch, own lock file": folder / "entry0",
        }
        more = compared(starts(paths, folder, rounds))
    print(f"an environment of its own costs {more:+.3f} s (at most {MOST_MORE_S} s)")
    return int(not right or more >= MOST_MORE_S)


if __name__ == "__main__":
    os.environ.pop("PHOTOFINISH_WORKER", None)
    sys.exit(main())
