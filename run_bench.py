"""The command line of Photofinish: submit models, run benchmarks, view leaderboards.

The commands are in ``commands/``; each imports what it needs when it runs: ``--help`` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Annotated

SETUP = "run 'make setup' once with Python 3.11 or later, then start bin/photofinish"
if sys.version_info < (3, 11):  # noqa: UP036
    print(
        f"photofinish: Python 3.11 or later is needed, and this is {sys.version.split()[0]}; {SETUP}",
        file=sys.stderr,
    )
    sys.exit(2)
try:
    import typer
except ModuleNotFoundError:
    print(f"photofinish: {sys.executable} lacks the packages; {SETUP}", file=sys.stderr)
    sys.exit(2)

from commands import (
    checking,
    comparing,
    competing,
    environments,
    job_log,
    keeping,
    looking,
    machines,
    measuring,
    records,
    serving,
    starting,
    trying,
)
from commands.terminal import complain, environment_fault
from harness import VERSION
from harness.spec.errors import PhotofinishError

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the rich one takes 0.3 s to import
)
boards = typer.Typer(
    help="Keep boards: rebuild them from MLflow, close them, score their records anew.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
kept = typer.Typer(
    help="Keep records: list them, write notes and tags, take them off their boards.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
cluster = typer.Typer(
    help="Keep machines: begin a cluster, enrol machines, see what they do.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
COMMANDS: tuple[Callable[..., None], ...] = (
    looking.tasks,
    starting.init,
    trying.try_,
    measuring.run,
    measuring.evaluate,
    checking.check,
    looking.board,
    looking.show,
    serving.serve,
    competing.host,
    competing.worker,
    competing.submit,
    competing.verify,
    comparing.calibrate,
    comparing.compare,
    looking.data,
    looking.doctor,
    environments.environments,
    machines.join,
)
OURS = {"commands", "competitions", "harness", "leaderboards", "datasets", "tasks", "machines"}
KEEPING: tuple[Callable[..., None], ...] = (keeping.rebuild, keeping.close, keeping.rescore)
KEPT: tuple[Callable[..., None], ...] = (records.note, records.tag, records.archive)
CLUSTER: tuple[Callable[..., None], ...] = (
    machines.head,
    machines.enrol,
    machines.drain,
    machines.quarantine,
    machines.retire,
    machines.canary,
    machines.verify,
    job_log.log,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"photofinish {VERSION}")
        raise typer.Exit


@app.callback()
def photofinish(
    version: Annotated[
        bool, typer.Option("--version", help="print the version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Submit models, run benchmarks, view leaderboards on which a lead has to be real."""


for one in COMMANDS:
    app.command(one.__name__.rstrip("_"))(one)
for one in KEEPING:
    boards.command()(one)
kept.command("list")(records.listing)
for one in KEPT:
    kept.command()(one)
for one in CLUSTER:
    cluster.command()(one)
cluster.command("list")(machines.listing)
app.add_typer(boards, name="boards")
app.add_typer(kept, name="records")
app.add_typer(cluster, name="machines")


def main() -> None:
    """Run the command; tell people what went wrong in a line, and whose fault it was by exit code."""
    command: Callable[..., None] = app
    os.environ.pop("MPLBACKEND", None)  # a notebook's kernel sets one that only it has
    sys.stdout = sys.stdout or io.StringIO()  # none where the descriptor is closed
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal cannot show is written in ASCII
            stream.reconfigure(errors="backslashreplace")
    try:
        command(prog_name=os.environ.get("PHOTOFINISH_PROGRAM"))
    except PhotofinishError as error:
        complain(f"photofinish: {error}")
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise
        complain(f"photofinish: {sys.executable} lacks the package {error.name}; {SETUP}")
        sys.exit(2)
    except OSError as error:
        message = environment_fault(error)
        if message is None:
            raise
        complain(f"photofinish: {message}")
        sys.exit(2)


if __name__ == "__main__":
    main()
