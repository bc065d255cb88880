"""The programs that submissions run in: the Python of their environment, and Chromium."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness import ROOT
from harness.environments import stock
from harness.session.runtimes import runtime
from harness.session.wanted import wanted
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


def worker(name: str = stock.DEFAULT) -> Worker:
    """Return a stock environment, or the folder that ``PHOTOFINISH_WORKER`` names instead of all of them.

    Raises NotAvailable when it has not been made, UnknownName.
    """
    folder = stock.replaced()
    if folder is None:
        made = stock.found(name)
        if made is None:
            raise NotAvailable(
                f"the stock environment '{name}' has not been made; run 'photofinish environments {name}'"
            )
        return within(made)
    python = folder / "bin" / "python"
    if not python.exists() or not (folder / "pyvenv.cfg").exists():
        raise NotAvailable(
            f"{stock.REPLACED} names {folder}, where no environment is; name another, or unset it"
        )
    return Worker(python, (folder, HOST, *_base_prefix(python)))


def within(environment: Environment) -> Worker:
    """Return the Python of an environment."""
    python = environment.python
    return Worker(python, (environment.folder, HOST, *_base_prefix(python)))


def worker_of(submission: Submission) -> Worker:
    """Return the Python that a submission runs in. Raises NotAvailable, InvalidSubmission."""
    if submission.environment:
        return within(submission.environment)
    return worker(stock.DEFAULT if stock.replaced() else wanted(submission))


@dataclass(frozen=True)
class Host:
    """How a submission's process is started, and what it reads beside the submission."""

    command: tuple[str, ...]
    readable: tuple[Path, ...]
    loopback: bool = False


def host(submission: Submission) -> Host:
    """The host of a submission. Raises NotAvailable, InvalidSubmission, UnknownName."""
    python = worker_of(submission)
    if not runtime(submission.kind).page:
        return Host((str(python.python), "-I", "-S", str(HOST / "main.py")), python.readable)
    chromium = browser()
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
