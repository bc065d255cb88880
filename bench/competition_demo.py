"""Open a competition, make two teams, and let the official ``kaggle`` client take part: ``make host``.

    python -m bench.competition_demo [FOLDER] [FILE FILE]

The client runs in a process of its own, with its own ``kaggle.json``, against ``run_bench.py serve``. What
is typed and what it prints is the transcript in ``docs/competitions.md``. The home is ``PHOTOFINISH_HOME``.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from commands.home import home
from competitions.rules.declaration import read_declaration
from competitions.store import database, hosted, people

ROOT = Path(__file__).parent.parent
KAGGLE = Path(sys.executable).with_name("kaggle")
_PATIENCE_S = 3000
BLIND = """import numpy as np


def build(context):
    return lambda x: np.zeros((0, 5), np.float32)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "competitions" / "example" / "cots")
    parser.add_argument(
        "files", nargs="*", type=Path, help="two submissions (default: blob.py, and no boxes)"
    )
    chosen = parser.parse_args()
    slug = read_declaration(chosen.folder).slug
    show(
        "photofinish",
        "host",
        str(chosen.folder),
        command=[sys.executable, "run_bench.py", "host", str(chosen.folder)],
    )
    engine = database.open_database(home())
    port = free_port()
    print(f"$ photofinish serve --port {port} &\n", flush=True)
    server = subprocess.Popen([sys.executable, "run_bench.py", "serve", "--port", str(port)], cwd=ROOT)
    try:
        wait_for(port)
        with tempfile.TemporaryDirectory() as folder:
            play(engine, slug, chosen.files or entries(Path(folder)), port, Path(folder))
    finally:
        server.terminate()
        server.wait()


def entries(folder: Path) -> list[Path]:
    """Write the submissions of the example: the shipped reference, and one that never finds anything."""
    blind = folder / "blind.py"
    blind.write_text(BLIND)
    return [ROOT / "submissions" / "cots" / "blob.py", blind]


def play(engine: sa.Engine, slug: str, files: list[Path], port: int, folder: Path) -> None:
    """Let two people take part: each lists, downloads and submits; then the board is shown."""
    people_ = [Person(engine, slug, name, port, folder) for name in ("ann", "bob")]
    first = people_[0]
    first.kaggle("list")
    first.kaggle("files", slug)
    first.kaggle("download", slug)
    for who, file in zip(people_, files, strict=True):
        (who.folder / file.name).write_bytes(file.read_bytes())
        who.kaggle("submit", slug, "-f", file.name, "-m", f"first try of {who.name}")
    first.kaggle("submissions", slug)
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and any("PENDING" in who.ask("submissions", slug) for who in people_):
        time.sleep(2)
    for who in people_:
        who.kaggle("submissions", slug)
    first.kaggle("leaderboard", slug, "--show")
    first.kaggle("leaderboard", slug, "--download")
    first.kaggle("submission-limits", slug)


class Person:
    """An account that accepted the rules, with the folder in which its client runs."""

    def __init__(self, engine: sa.Engine, slug: str, name: str, port: int, folder: Path) -> None:
        account = people.account_named(engine, name)
        token = people.new_token(engine, account) if account else people.sign_up(engine, name)[1]
        account = account or people.account_named(engine, name)
        assert account is not None, "it was made above"
        hosted.accept_rules(engine, slug, account)
        self.name, self.folder, self._port = name, folder / name, port
        config = self.folder / ".kaggle" / "kaggle.json"
        config.parent.mkdir(parents=True)
        config.write_text(json.dumps({"username": name, "key": token}))
        config.chmod(0o600)

    def ask(self, *words: str) -> str:
        """Run the client and return what it prints."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "HTTP_PROXY": f"http://127.0.0.1:{self._port}",
        }
        command = [KAGGLE, "-W", "competitions", *words]
        told = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        # The bar of progress on standard error is redrawn many times; its last state is enough.
        bar = told.stderr.replace("\r", "\n").strip().splitlines()[-1:]
        return "".join(f"{line}\n" for line in (*told.stdout.splitlines(), *bar))

    def kaggle(self, *words: str) -> None:
        """Run the client and show it as a person would see it."""
        print(
            f"{self.name} $ {shlex.join(['kaggle', 'competitions', *words])}\n{self.ask(*words)}", flush=True
        )


def show(*words: str, command: list[str]) -> None:
    """Run a command of ours and show it."""
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    print(f"$ {shlex.join(words)}\n{told.stdout}", flush=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until a server answers on a port."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no server answers on port {port}")


if __name__ == "__main__":
    main()
