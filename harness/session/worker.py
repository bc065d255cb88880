"""The programs that submissions run in: the Python of the worker's environment, and Chromium."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness import ROOT
from harness.session.runtimes import runtime
from harness.spec import Environment, Submission
from harness.spec.errors import NotAvailable

HOST = ROOT / "harness" / "host"
_CHROMIUMS = (
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
)


@dataclass(frozen=True)
class Worker:
    """A Python to start hosts with, and the folders it reads."""

    python: Path
    readable: tuple[Path, ...]


def worker(own: Environment | None = None) -> Worker:
    """Return a submission's own environment, or the stock one (``PHOTOFINISH_WORKER`` or ``.venv/worker``).

    Raises NotAvailable when that has not been made.
    """
    if own:
        return Worker(own.python, (own.folder, HOST, *_base_prefix(own.python)))
    folder = Path(os.environ.get("PHOTOFINISH_WORKER") or ROOT / ".venv" / "worker").absolute()
    python = folder / "bin" / "python"
    settings = folder / "pyvenv.cfg"
    if not python.exists() or not settings.exists():
        raise NotAvailable(f"the worker's environment is not at {folder}; make it with 'make setup'")
    return Worker(python, (folder, HOST, *_base_prefix(python)))


@dataclass(frozen=True)
class Host:
    """How a submission's process is started, and what it reads beside the submission."""

    command: tuple[str, ...]
    readable: tuple[Path, ...]
    loopback: bool = False


def host(submission: Submission) -> Host:
    """The host of a submission. Raises NotAvailable, UnknownName."""
    if not runtime(submission.kind).page:
        python = worker(submission.environment)
        return Host((str(python.python), "-I", "-S", str(HOST / "main.py")), python.readable)
    python, chromium = worker(), browser()
    command = (str(python.python), "-I", str(HOST / "browser.py"), str(chromium.program))
    return Host(command, (*python.readable, *chromium.readable), loopback=True)


@dataclass(frozen=True)
class Browser:
    """A Chromium, and the folders it reads beside the system's libraries."""

    program: Path
    version: str
    readable: tuple[Path, ...]


@cache
def browser() -> Browser:
    """Find Chromium (``PHOTOFINISH_CHROMIUM`` or the distribution's own program, not its wrapper).

    Raises NotAvailable where there is none or it does not say its version.
    """
    known = (os.environ.get("PHOTOFINISH_CHROMIUM", ""), *_CHROMIUMS)
    program = next((Path(path) for path in known if path and Path(path).is_file()), None)
    if program is None:
        raise NotAvailable("there is no Chromium; install it with: apt-get install chromium")
    try:
        printed = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=True
        )
        version = re.search(r"[0-9]+(\.[0-9]+)+", printed.stdout)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotAvailable(f"{program} does not start: {error}") from None
    folders = (program.resolve().parent, Path("/etc/fonts"), Path("/usr/share/fonts"))
    return Browser(program, version[0] if version else "unknown", tuple(p for p in folders if p.exists()))


def _base_prefix(python: Path) -> tuple[Path, ...]:
    """The interpreter behind the virtual environment, unless the system holds it anyway."""
    prefix = python.resolve().parent.parent
    return () if prefix == Path("/usr") else (prefix,)
