"""Stock environments: their locks ship, each is made once where it is first wanted, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import ROOT
from harness.environments import pythons, stock
from harness.intake.lookup import inspect
from harness.intake.packaged import with_environment
from harness.probes import machine
from harness.session.worker import worker, worker_of
from harness.spec import Environment, Limits, OwnEnvironments, Places, no_progress
from harness.spec.errors import NotAvailable, UnknownName
from tests.harness.environments.wheelhouse import NEWER, SMALL, requirements, served

Locked = Callable[[str], None]


@pytest.fixture
def locked(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Locked:
    """Give the environment ``lite`` another lock file, and this test a store and an index of its own."""
    monkeypatch.delenv("PHOTOFINISH_WORKER", raising=False)
    monkeypatch.setenv("PHOTOFINISH_ENVIRONMENTS", str(tmp_path / "stock"))
    monkeypatch.setenv("PHOTOFINISH_PACKAGES", index)
    for name in stock.STOCK:
        shutil.copy(stock.LOCKS / f"{name}.lock", tmp_path)
    monkeypatch.setattr(stock, "LOCKS", tmp_path)

    def lock(text: str) -> None:
        (tmp_path / "lite.lock").write_text(text)

    lock(requirements(SMALL))
    return lock


def kept(store: Path) -> list[str]:
    return sorted(path.name for path in store.iterdir())


@pytest.mark.parametrize("name", stock.STOCK)
def test_a_lock_file_ships_with_hashes_and_without_addresses(name: str) -> None:
    lock = stock._lock(name)
    pins = lock.pins(pythons.own())
    assert {pin.name for pin in pins} <= stock.packages(name)
    assert all(pin.hashes for pin in pins)
    assert "numpy" in stock.packages(name)
    assert "//" not in lock.file.read_text()
    wanted = re.findall(r"^[a-z][\w-]*", (stock.LOCKS / f"{name}.in").read_text(), re.MULTILINE)
    assert {*wanted} <= stock.packages(name)


def test_folders_and_the_index_that_pip_uses_here_come_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} {tmp_path / 'nowhere'}")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert stock._sources()[:3] == (str(tmp_path), "https://mirror.example/simple", "https://pypi.org/simple")


def test_an_environment_is_made_once_and_its_plain_name_leads_to_the_latest(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stock.found("lite") is None
    first = stock.made("lite", no_progress)
    monkeypatch.setenv("PHOTOFINISH_PACKAGES", "http://127.0.0.1:9/simple")
    assert stock.made("lite", no_progress) == stock.found("lite") == first
    assert (first.kind, first.versions) == ("lite", {"small": "1.0"})
    assert (tmp_path / "stock" / "lite").resolve() == first.folder
    with served(NEWER) as newer:
        monkeypatch.setenv("PHOTOFINISH_PACKAGES", newer)
        locked(requirements(NEWER))
        second = stock.made("lite", no_progress)
    assert (tmp_path / "stock" / "lite").resolve() == second.folder
    assert kept(tmp_path / "stock") == sorted(["lite", first.name, second.name])


def test_a_submission_gets_the_stock_environment_and_its_record_names_every_version(
    locked: Locked, tmp_path: Path
) -> None:
    entry = tmp_path / "entry.py"
    entry.write_text('STOCK_ENVIRONMENT = "lite"\n')
    plain = inspect(entry, Limits(), tmp_path)
    with pytest.raises(NotAvailable, match="'lite' has not been made; run 'photofinish environments lite'"):
        worker_of(plain)
    nothing_own = OwnEnvironments(allowed=False)
    submission = with_environment(plain, nothing_own, Places.under(tmp_path / "home"))
    made = submission.environment
    assert made
    assert worker_of(submission) == worker_of(plain) == worker()
    told = machine.versions(submission)
    assert (told["environment"], told["worker.small"]) == (made.name, "1.0")
    assert made.name.startswith("lite-")


def test_processes_that_want_it_at_once_make_it_once(locked: Locked, tmp_path: Path) -> None:
    script = tmp_path / "make.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path\n"
        f"from harness.environments import stock; stock.LOCKS = Path({str(tmp_path)!r})\n"
        "from harness.environments import build; built = build._build\n"
        "build._build = lambda *given: (print('builds'), built(*given))\n"
        "print(stock.made('lite', lambda *said: print(*said)).folder)\n"
    )
    running = [
        subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [process.communicate(timeout=60)[0] for process in running]
    assert "".join(told).count("builds") == 1
    made = stock.found("lite")
    assert made
    assert [lines.splitlines()[-1] for lines in told] == [str(made.folder)] * 3
    assert kept(tmp_path / "stock") == ["lite", made.name]


def test_an_interrupted_build_leaves_nothing_and_a_killed_one_is_swept_by_the_next(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("harness.environments.uv.install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            stock.made("lite", no_progress)
    assert kept(tmp_path / "stock") == []
    child = os.fork()
    if child == 0:
        monkeypatch.setattr("harness.environments.uv.install", lambda *_: signal.raise_signal(signal.SIGKILL))
        stock.made("lite", no_progress)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    left = kept(tmp_path / "stock")
    assert [name.split("-")[0] for name in left] == [".building", ".lite"]
    made = stock.made("lite", no_progress)
    assert kept(tmp_path / "stock") == ["lite", made.name]


def test_what_cannot_be_made_is_the_machines_fault_and_says_what_to_do(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownName, match="unknown stock environment 'tensorflw'; did you mean 'tensorflow'"):
        stock.made("tensorflw", no_progress)
    (tmp_path / "torch.lock").write_text(f"torch==2.13.0+cpu --hash=sha256:{'0' * 64}")
    with pytest.raises(NotAvailable, match=r"'torch' cannot be made: .*no package 'torch'.*PHOTOFINISH_PACK"):
        stock.made("torch", no_progress)
    (tmp_path / "file").touch()
    monkeypatch.setenv("PHOTOFINISH_ENVIRONMENTS", str(tmp_path / "file" / "stock"))
    with pytest.raises(
        NotAvailable, match=r"made in .*: Not a directory; make room \(it takes about .* MB\)"
    ):
        stock.made("lite", no_progress)


def test_a_disk_that_is_or_becomes_full_is_said_with_the_cure(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
        with pytest.raises(NotAvailable, match=r"take \d+ MB and 0 MB are free; make room \(it takes about"):
            stock.made("lite", no_progress)
    failing = tmp_path / "uv"
    failing.write_text(
        "#!/bin/sh\necho 'error: cannot write: No space left on device (os error 28)' >&2; exit 2"
    )
    failing.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr("harness.environments.uv._program", lambda: str(failing))
        with pytest.raises(NotAvailable, match="No space left on device; make room"):
            stock.made("lite", no_progress)
    assert kept(tmp_path / "stock") == []


def test_one_environment_can_replace_them_all(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Environment = stock.made("lite", no_progress)
    monkeypatch.setenv("PHOTOFINISH_WORKER", str(made.folder))
    assert worker("tensorflow").python == made.python
    monkeypatch.setenv("PHOTOFINISH_WORKER", str(tmp_path))
    with pytest.raises(NotAvailable, match=r"PHOTOFINISH_WORKER names .*, where no environment is"):
        worker()
