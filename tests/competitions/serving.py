"""A server of a home in a thread, and the official client in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from competitions.api.site import create_site
from competitions.pages.routes import ROUTES
from harness import ROOT
from leaderboards.web.server import listening

KAGGLE = Path(sys.executable).with_name("kaggle")
OLD_KAGGLE = ROOT / ".venv" / "kaggle-1.6" / "bin" / "kaggle"
"""Made by ``make kaggle-1.6``, with its own lock file."""


@dataclass(frozen=True)
class Kaggle:
    """The official client of one person, in a folder of their own."""

    port: int
    folder: Path
    program: Path = KAGGLE

    def __call__(self, *arguments: str, **environment: str) -> str:
        """Run ``kaggle competitions ...`` and return all that it prints."""
        server = f"http://127.0.0.1:{self.port}"
        new = {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", "HTTP_PROXY": server}
        where = {"KAGGLE_API_ENDPOINT": server} if self.program == OLD_KAGGLE else new
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **where, **environment}
        command = [self.program, "-W", "competitions", *arguments]
        told = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        return told.stdout + told.stderr


def person(port: int, folder: Path, name: str, token: str, program: Path = KAGGLE) -> Kaggle:
    """Put a ``kaggle.json`` where the client looks for it."""
    config = folder / ".kaggle"
    config.mkdir(parents=True)
    (config / "kaggle.json").write_text(json.dumps({"username": name, "key": token}))
    (config / "kaggle.json").chmod(0o600)
    return Kaggle(port, folder, program)


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """Serve a home on a free port of the loopback address."""
    with listening("127.0.0.1", 0) as opened:
        config = uvicorn.Config(create_site(home, ROUTES), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield opened.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
