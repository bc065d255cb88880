"""What works inside a sandbox, and what a process inherits there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import confinement, seccomp
from harness.sandbox.policy import Backend

Attack = Callable[..., Any]


def test_ordinary_work_goes_on(safe: Backend, attack: Attack) -> None:
    told = attack(
        safe,
        """
import multiprocessing, subprocess, tempfile, threading, uuid
def child(pipe):
    pipe.send(os.getpid() > 0)
    pipe.close()
ours, theirs = multiprocessing.Pipe()
process = multiprocessing.get_context("fork").Process(target=child, args=(theirs,))
process.start()
heard = ours.recv()
process.join()
threads = [threading.Thread(target=time.sleep, args=(0,)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile("w") as file:
    file.write("fits")
open("kept", "w").write("kept")
os.makedirs("a/b")
os.rename("kept", "a/b/kept")
os.nice(1)
said = subprocess.run(["/bin/sh", "-c", "echo words > /dev/null; echo $HOME"], capture_output=True, text=True)
tell([heard, said.stdout.strip() == os.environ["HOME"], os.path.isdir(os.environ["HOME"]),
      len(os.urandom(8)), bool(uuid.uuid4()), os.cpu_count() > 0, open("/proc/self/status").read(5),
      len(open("/proc/cpuinfo").read()) > 0, process.exitcode])
""",
    )
    assert told == [True, True, True, 8, True, True, "Name:", True, 0]


def test_the_environment_is_the_policys(
    backend: Backend, attack: Attack, monkeypatch: pytest.MonkeyPatch, ground: Path
) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "secret")
    told = attack(backend, "tell([dict(os.environ), os.getcwd()])", environment={"OMP_NUM_THREADS": "1"})
    environment, folder = told
    assert folder == str(ground / "work")
    assert environment.pop("OMP_NUM_THREADS") == "1"
    # bwrap tells where it went; C.UTF-8 makes CPython add nothing of its own.
    assert set(environment) - {"PWD"} == {"PATH", "HOME", "TMPDIR", "LANG"}


def test_only_kept_descriptors_are_inherited(backend: Backend, attack: Attack, ground: Path) -> None:
    leaked = os.open(ground / "secret" / "labels", os.O_RDONLY)
    os.set_inheritable(leaked, True)
    read, kept = os.pipe()
    try:
        told = attack(
            backend,
            """
kept = int(sys.argv[1])
os.write(kept, b"through")
tell([[int(name) for name in os.listdir("/proc/self/fd") if error_of(lambda: os.fstat(int(name))) is None],
      sys.stdin.read()])
""",
            kept,
            keep=(kept,),
        )
        assert os.read(read, 7) == b"through"
    finally:
        for descriptor in (leaked, read, kept):
            os.close(descriptor)
    assert told == [[0, 1, 2, kept], ""]


def test_links_on_the_way_to_python_exist_inside(
    backend: Backend, attack: Attack, ground: Path, system_python: Path
) -> None:
    """As with uv and pyenv: the environment's Python points through a linked folder."""
    real = system_python
    (ground / "versions").symlink_to(real.parent)
    (ground / "venv").mkdir()
    python = ground / "venv" / "python"
    python.symlink_to(f"../versions/{real.name}")
    told = attack(
        backend, "tell(sys.executable)", python=python, readable=(ground / "venv", real.parent.parent)
    )
    assert told == str(python)


def test_a_link_on_the_way_to_several_files_is_made_once(
    backend: Backend, attack: Attack, ground: Path
) -> None:
    (ground / "real").mkdir()
    (ground / "linked").symlink_to("real")
    files = [ground / "linked" / name for name in ("a", "b")]
    for file in files:
        file.write_text(file.name)
    told = attack(
        backend, "tell([open(name).read() for name in sys.argv[1:]])", *map(str, files), readable=tuple(files)
    )
    assert told == ["a", "b"]


def test_signals_are_held_by_the_filter_where_landlock_is_old(
    attack: Attack, safe: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if safe.name == "bubblewrap":
        pytest.skip("bubblewrap's pid namespace holds signals")
    old = seccomp.program(seccomp.rules_in_sight(signals_held=False))
    monkeypatch.setattr(confinement, "_program", lambda: old)
    told = attack(
        safe,
        """
import signal, threading
heard = []
signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
signal.raise_signal(signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR1)
pid = int(sys.argv[1])
tell([len(heard), error_of(lambda: os.kill(pid, 0)), error_of(lambda: os.kill(-1, 0)),
      error_of(lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0))])
""",
        os.getpid(),
    )
    assert told == [2, "PermissionError", "PermissionError", "PermissionError"]
