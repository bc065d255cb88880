"""A competition of predictions with many teams, and the processes that serve it: for the benches of load."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from bench import postgres
from competitions.hosting.opening import open_competition
from competitions.store import database, hosted, people
from competitions.store.tables import RESULTS, SUBMISSIONS

ROOT = Path(__file__).parent.parent
ROWS = 1000
_TOML = """
slug = "load"
title = "Load"
[predictions]
metric = "accuracy"
[schedule]
start = 2026-01-01T00:00:00Z
end = 2099-01-01T00:00:00Z
[limits]
daily = 1000
"""


@dataclass(frozen=True)
class Field:
    """A home with its competition; ``tokens`` are those of the teams."""

    home: Path
    engine: sa.Engine
    tokens: tuple[str, ...]
    port: int

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command of ``run_bench.py`` on the home."""
        env = {**os.environ, "PHOTOFINISH_HOME": str(self.home)}
        command = [sys.executable, "run_bench.py", *words]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)

    def start_server(self) -> subprocess.Popen[bytes]:
        """Start the server without a worker, and wait until it answers."""
        process = self.start("serve", "--no-worker", "--port", str(self.port))
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return process
            except OSError:
                time.sleep(0.05)

    def counts(self) -> dict[str, int]:
        """Count submissions by their state."""
        query = sa.select(SUBMISSIONS.c.state, sa.func.count()).group_by(SUBMISSIONS.c.state)
        with database.reading(self.engine) as connection:
            return {state: int(count) for state, count in connection.execute(query).all()}

    def results(self) -> list[int]:
        """Return the submission of every result."""
        with database.reading(self.engine) as connection:
            return list(connection.scalars(sa.select(RESULTS.c.submission)))


@contextmanager
def field(kind: str, folder: Path, teams: int) -> Iterator[Field]:
    """Make a competition with teams in a database of this kind: ``sqlite`` or ``postgresql``."""
    with postgres.server(()) if kind == "postgresql" else nullcontext("") as url:
        os.environ.pop(database.URL, None)
        if url:
            os.environ[database.URL] = str(url)
        home = folder / "home"
        engine = database.open_database(home)
        host, _ = people.sign_up(engine, "host")
        open_competition(engine, home, _folder(folder / "load"), host)
        tokens = []
        for number in range(teams):
            account, token = people.sign_up(engine, f"team {number}")
            hosted.accept_rules(engine, "load", account)
            tokens.append(token)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        yield Field(home, engine, tuple(tokens), port)
        engine.dispose()


class Client:
    """A participant who keeps a connection open, and makes it anew where it breaks."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call. Raises OSError where the server is gone, RuntimeError where it refuses."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, path, data, self._headers)
            reply = self._connection.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ConnectionError(str(error)) from error
        if reply.status >= 400:
            raise RuntimeError(f"{reply.status} {text[:200]!r}")
        return json.loads(text or b"null")

    def submit(self, text: bytes) -> int:
        """Hand in predictions and return the number of the submission."""
        new = {"file_name": "mine.csv", "bytes": len(text)}
        upload = self.call("POST", "/api/competitions/load/uploads", new)
        self.call("PUT", upload["path"], text)
        return self.hand_in(upload["token"])

    def hand_in(self, token: str) -> int:
        """Hand in a complete upload."""
        made = self.call("POST", "/api/competitions/load/submissions", {"token": token})
        return int(made["id"])


def predictions(seed: int) -> bytes:
    """Random predictions."""
    values = np.random.default_rng(seed).integers(0, 2, ROWS)
    return ("id,side\n" + "".join(f"{n},{value}\n" for n, value in enumerate(values))).encode()


def _folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "competition.toml").write_text(_TOML)
    for page in ("overview", "data", "rules"):
        (folder / f"{page}.md").write_text(f"# {page} {secrets.token_hex(4)}\n")
    (folder / "sample_submission.csv").write_bytes(predictions(0))
    lines = [f"{n},{n % 2},{'Public' if n % 3 else 'Private'}\n" for n in range(ROWS)]
    (folder / "solution.csv").write_text("id,side,Usage\n" + "".join(lines))
    return folder
