"""Commands of competitions: host, worker, submit, verify.

A parameter of a command is an option that can be typed: that is why there are more than eight.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.fans import Machines, fan_at
from commands.home import check_home, home
from commands.requests import executor_at
from commands.terminal import complain, progress_bars
from harness.spec.errors import UserError
from leaderboards import PAGES

if TYPE_CHECKING:
    import threading

    import sqlalchemy as sa

    from competitions.store.people import Account


def host(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="folder with competition.toml")],
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="account that hosts it")] = "host",
    close: Annotated[
        bool, typer.Option("--close", help="after its end: score the private split, rank and give prizes")
    ] = False,
    ray: Machines = "",
) -> None:
    """Open a competition, or bring an open one up to date with its folder.

    Example: photofinish host competitions/example/cots
    """
    from competitions.hosting.opening import open_competition
    from competitions.rules.declaration import read_declaration
    from competitions.store.database import open_database

    check_home()
    declaration = read_declaration(folder)
    engine = open_database(home())
    account = _host_account(engine, name)
    if close:
        _close(engine, declaration.slug, account, ray)
        return
    with fan_at(ray) as fan, progress_bars() as progress:
        opened = open_competition(engine, home(), folder.resolve(), account, progress, fan)
    print(f"{opened.slug}: {'opened' if opened.new else 'brought up to date'}, hosted by {account.name}")
    for change in opened.changes:
        print(f"  changed {change}")
    print(f"'run_bench.py serve' shows it at /competitions/{opened.slug}")


def worker(
    drain: Annotated[bool, typer.Option("--drain", help="stop when no submission waits")] = False,
    lease: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=1, help="time after which a lost worker's job is given away"),
    ] = 30.0,
    ray: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="evaluate code in the cluster with this head")
    ] = "",
    at_once: Annotated[
        int, typer.Option(metavar="N", min=1, help="machines that may be busy at the same time")
    ] = 1,
    hardware_class: Annotated[
        str, typer.Option(metavar="CLASS", help="give jobs to machines of this hardware class only")
    ] = "",
) -> None:
    """Evaluate what is handed in to competitions, until interrupted.

    Example: photofinish worker
    """
    import threading

    from competitions.evaluation.worker import Bench, work_at_once, work_once
    from competitions.store.database import open_database

    check_home()
    bench = Bench.here(
        open_database(home(), durable=False), home(), lease, executor_at(ray or None, hardware_class)
    )
    complain(f"worker {bench.name} (Ctrl-C stops)")
    if drain:
        while work_once(bench):
            pass
        return
    stop = threading.Event()
    _stop_on_signal(stop)
    work_at_once(bench, stop, at_once)


def submit(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="name of the competition, or of a board of it")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="code, model, archive or table to hand in")],
    message: Annotated[str, typer.Option("-m", "--message", help="what is new in it")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="wait for the score")] = False,
    server: Annotated[
        str,
        typer.Option(metavar="URL", help="address of the server (default: PHOTOFINISH_SERVER, or loopback)"),
    ] = "",
    token: Annotated[
        str, typer.Option(help="your token (default: PHOTOFINISH_TOKEN, KAGGLE_API_TOKEN or KAGGLE_KEY)")
    ] = "",
) -> None:
    """Hand in a submission to a competition on any server.

    Example: photofinish submit cots mine.py -m "first try" --watch
    """
    from competitions.client.remote import Remote

    given = [
        token,
        *(os.environ.get(name, "") for name in ("PHOTOFINISH_TOKEN", "KAGGLE_API_TOKEN", "KAGGLE_KEY")),
    ]
    chosen = next(filter(None, given), "")
    if not chosen:
        raise UserError("no token; give --token, or set PHOTOFINISH_TOKEN to that of your account's page")
    where = server or os.environ.get("PHOTOFINISH_SERVER") or PAGES
    remote = Remote(where, chosen)
    with progress_bars() as progress:
        made = remote.submit(slug, file, message, progress)
    print(f"submission {made['id']} to {slug}: {made['state']}")
    if not watch:
        return
    ended = remote.watch(
        slug, int(made["id"]), lambda one: print(f"  {one['state']} {one['stage']}".rstrip())
    )
    print(_result(ended))
    if ended["state"] != "scored":
        report = remote.report(slug, int(made["id"]))
        if report and report["log"]:
            complain(report["log"].rstrip())
        raise typer.Exit(1 if ended["fault"] == "ours" else 2)


def verify(
    trail: Annotated[Path, typer.Argument(metavar="TRAIL.json", help="signed trail of a competition")],
    key: Annotated[str, typer.Option(metavar="HEX", help="public key that must have signed it")] = "",
    signature_only: Annotated[
        bool, typer.Option("--signature-only", help="do not compare with the files and scores of this home")
    ] = False,
    ray: Machines = "",
) -> None:
    """Check the signed trail of a competition: its signature, every file, every score.

    Example: photofinish verify trail.json
    """
    from competitions.hosting.trail import read_trail
    from competitions.hosting.verifying import verify as compare
    from competitions.store.database import open_database

    read = read_trail(trail, key)
    trusted = "the key given" if key else "the key that it names"
    count, about = len(read.submissions), read.content["competition"]
    print(f"signature: good, by {trusted}, {read.public_key}; {count} submissions to {about}")
    if signature_only:
        return
    with fan_at(ray) as fan, progress_bars() as progress:
        found = compare(open_database(home()), home(), read, progress, fan)
    print(f"files: {found.files} of {count} as the trail says; scores: {found.scores} scored again and equal")
    for fault in found.faults:
        complain(f"photofinish: {fault}")
    if found.faults:
        raise typer.Exit(2)


def _host_account(engine: sa.Engine, name: str) -> Account:
    """Return the account that hosts; a new one is made, and its token is printed this once."""
    from competitions.store.people import account_named, sign_up

    known = account_named(engine, name)
    if known is not None:
        return known
    account, token = sign_up(engine, name)
    print(f"account {account.name} made; its token, shown this once: {token}")
    return account


def _close(engine: sa.Engine, slug: str, account: Account, ray: str) -> None:
    from competitions.hosting.closing import close
    from competitions.hosting.trail import signed_trail
    from competitions.store.database import folder_of
    from competitions.store.hosted import find
    from harness.files import write_whole

    with fan_at(ray) as fan, progress_bars() as progress:
        boards = close(engine, home(), slug, account, progress, fan)
    for board in boards:
        print(f"{slug} {board.profile}: shake-up {board.shake_up:.3f}")
        for row in board.rows:
            words = " ".join(filter(None, (row.medal, *row.prizes)))
            print(f"  {row.rank or '–':>4}  {row.name}  {row.private:.5f}  {words}".rstrip())
    path = folder_of(home()) / slug / "trail.json"
    write_whole(path, signed_trail(engine, home(), find(engine, slug)))
    print(f"signed trail: {path}")


def _stop_on_signal(stop: threading.Event) -> None:
    """Finish the job at hand when asked to end; a second signal ends at once, and the job is given back."""
    import signal

    def asked(number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        signal.signal(number, asked)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)


def _result(ended: dict[str, object]) -> str:
    if ended["state"] == "scored":
        return f"scored: public {ended['public']}"
    return f"{ended['state']}: {ended['message']}"
