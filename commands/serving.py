"""The command that serves: pages, the API, and a worker that evaluates what is handed in."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from commands.boards import publish_leftovers
from commands.home import check_home, home
from commands.terminal import complain
from harness import ROOT
from harness.spec.errors import UserError

_DIE_WITH_PARENT = 1
_PATIENCE_S = 10


def serve(
    host: Annotated[
        str, typer.Option(help="address to listen on; 0.0.0.0 serves the whole network")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="port to listen on")] = 8765,
    work: Annotated[
        bool, typer.Option("--worker/--no-worker", help="evaluate what is handed in to competitions, too")
    ] = True,
) -> None:
    """Serve boards, entries and competitions as pages, with a JSON API beside them, and evaluate.

    Example: photofinish serve --port 9000
    """
    from competitions.api.site import create_site
    from competitions.pages.routes import ROUTES
    from harness.intake.lookup import find_task, shipped_names, task_names
    from leaderboards.web import server
    from leaderboards.web.source import KnownTasks

    check_home()
    with server.listening(host, port) as socket:
        # First: an index that cannot be read is said before any address.
        site = create_site(home(), ROUTES, KnownTasks(tuple(task_names()), find_task, shipped_names))
        try:
            publish_leftovers()
        except UserError as error:  # pages of what is published can be shown all the same
            complain(f"photofinish: {error}")
        complain(f"serving http://{host}:{port}/ (Ctrl-C stops)")
        with _worker(work):
            server.run(site, socket)


@contextmanager
def _worker(wanted: bool) -> Iterator[None]:
    """Let a worker run beside the block; it ends with this process, however that ends."""
    if not wanted:
        yield
        return
    command = [sys.executable, str(ROOT / "run_bench.py"), "worker"]
    process = subprocess.Popen(command, preexec_fn=_end_with_parent, stderr=subprocess.DEVNULL)  # noqa: PLW1509
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
