"""Start a private PostgreSQL server in a temporary folder; it ends and is removed with the block."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_WAIT_S = 30
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings that trade durability for speed."""


def missing() -> str | None:
    """Say what is missing to start PostgreSQL here, or None."""
    if None in map(_program, ("initdb", "postgres", "pg_isready")):
        return "initdb and postgres are missing; apt-get install postgresql"
    if os.geteuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        return "PostgreSQL refuses root, and there is no user postgres"
    return None


def _program(name: str) -> str | None:
    """Find a program on the path or where Debian puts it, the newest version first."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name)[::-1]
    return shutil.which(name) or next((str(at / name) for at in debian if (at / name).is_file()), None)


@contextmanager
def server(settings: Sequence[str] = _QUICK) -> Iterator[str]:
    """Start a server on 127.0.0.1 and give its URL. ``settings`` are lines of ``postgresql.conf``."""
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if user is not None:
        shutil.chown(folder, user, user)
    data = folder / "data"
    login = ["--username=photofinish", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    try:
        made = [_program("initdb") or "initdb", *login, data]
        subprocess.run(made, user=user, cwd=folder, check=True, capture_output=True)
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{line}\n" for line in settings)
        at = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
        command = [_program("postgres") or "postgres", *at]
        process = subprocess.Popen(command, user=user, cwd=folder, stderr=subprocess.DEVNULL)
        try:
            _wait(port, process)
            yield f"postgresql://photofinish@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    finally:
        shutil.rmtree(folder)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_S
    ready = [_program("pg_isready") or "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start")
        time.sleep(0.05)
