"""The worker's environment: which Python contestants run in and what of the disk it needs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from harness.errors import NotAvailable

ROOT = Path(__file__).resolve().parent.parent
HOST = ROOT / "harness" / "host"


@dataclass(frozen=True)
class Worker:
    """A Python to start hosts with, and the folders it reads."""

    python: Path
    readable: tuple[Path, ...]


def worker() -> Worker:
    """Find the worker's environment (``PHOTOFINISH_WORKER`` or ``.venv/worker``).

    Raises NotAvailable when it has not been made.
    """
    folder = Path(os.environ.get("PHOTOFINISH_WORKER", ROOT / ".venv" / "worker")).absolute()
    python = folder / "bin" / "python"
    settings = folder / "pyvenv.cfg"
    if not python.exists() or not settings.exists():
        raise NotAvailable(f"the worker's environment is not at {folder}; make it with 'make setup'")
    return Worker(python, (folder, HOST, *_base_prefix(python)))


def _base_prefix(python: Path) -> tuple[Path, ...]:
    """The interpreter behind the virtual environment, unless the system holds it anyway."""
    prefix = python.resolve().parent.parent
    return () if prefix == Path("/usr") else (prefix,)


def home() -> Path:
    """Where data, records, the ledger and calibrations live: ``PHOTOFINISH_HOME`` or ``.photofinish``."""
    return Path(os.environ.get("PHOTOFINISH_HOME", ROOT / ".photofinish")).absolute()
