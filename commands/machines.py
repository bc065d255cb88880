"""Machines: begin a cluster, join it, enrol who may evaluate, and see what there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import check_home, home, places

if TYPE_CHECKING:
    from harness.intake.request import EvaluationRequest
    from harness.spec import Progress

Address = Annotated[str, typer.Argument(help="The head of the cluster, HOST:PORT.")]
Name = Annotated[str, typer.Argument(help="The name of an enrolled machine.")]


def join(
    address: Address,
    profiles: Annotated[str, typer.Option(help="The profiles that it offers, with commas.")] = "cpu,edge",
) -> None:
    """Offer this machine to a cluster, until Ctrl-C; the host enrols the key that is printed.

    Example: photofinish join 10.0.0.5:6379 --profiles cpu,edge
    """
    from machines.description import describe
    from machines.joining import join as join_cluster
    from machines.keys import machine_key

    check_home()
    names = tuple(name.strip() for name in profiles.split(",") if name.strip())
    description = describe(machine_key(home() / "machines").public, names)
    typer.echo(f"machine key      {description.public_key}")
    typer.echo(f"hardware class   {description.hardware_class}: {description.cpu}, {description.cores} cores")
    typer.echo(f"isolation level  {description.isolation}, code version {description.code_version}")
    typer.echo("On the host, once: run_bench.py machines enrol NAME KEY")
    join_cluster(home(), address, names)


def head(
    address: Annotated[str, typer.Argument(help="Where it listens, HOST:PORT.")] = "127.0.0.1:6379",
) -> None:
    """Be the head of a new cluster, until Ctrl-C.

    Example: photofinish machines head 10.0.0.5:6379
    """
    from machines.joining import start_head, token_file

    check_home()
    typer.echo(f"the cluster's token is in {token_file(home())}; copy it into the home of each machine")
    start_head(home(), address)


def enrol(name: Name, key: Annotated[str, typer.Argument(help="The key that 'join' printed.")]) -> None:
    """Let a machine evaluate; a machine that was stopped is active again.

    Example: photofinish machines enrol north 36e30e5a23ef
    """
    from machines.enrolment import Enrolment

    Enrolment(home()).enrol(name, key)


def drain(name: Name) -> None:
    """Give a machine no more jobs; the one it has is finished.

    Example: photofinish machines drain north
    """
    from machines.enrolment import Enrolment

    Enrolment(home()).set_state(name, "draining")


def quarantine(name: Name, reason: Annotated[str, typer.Argument(help="Why.")]) -> None:
    """Give a machine no more jobs, because its figures are not trusted.

    Example: photofinish machines quarantine north "times drift"
    """
    from machines.enrolment import Enrolment

    Enrolment(home()).set_state(name, "quarantined", reason)


def retire(name: Name) -> None:
    """Give a machine no more jobs, because it is gone for good.

    Example: photofinish machines retire north
    """
    from machines.enrolment import Enrolment

    Enrolment(home()).set_state(name, "retired")


def canary(
    ray: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="run it on every machine of the cluster with this head")
    ] = "",
    profile: Annotated[str, typer.Option(help="profile to run it on")] = "cpu",
    task: Annotated[str, typer.Option(help="task of the frozen entry")] = "cots",
    entry: Annotated[str, typer.Option(help="the frozen entry, one that is shipped with the task")] = "cnn",
    hours: Annotated[
        float, typer.Option(metavar="HOURS", min=0, help="repeat it so often, until Ctrl-C; 0: run it once")
    ] = 0,
) -> None:
    """Run one frozen entry on every machine; one that disagrees with its class is quarantined.

    Example: photofinish machines canary --ray 10.0.0.5:6379 --hours 24
    """
    import time

    from commands.requests import executor_at
    from commands.terminal import progress_bars
    from machines.canary_round import CanaryRound, ThisMachine
    from machines.ray_executor import RayExecutor

    check_home()
    executor = executor_at(ray or None)
    machines = executor if isinstance(executor, RayExecutor) else ThisMachine(home())
    where = replace(places(), records=home() / "machines" / "canary")
    with progress_bars() as progress:
        request = _canary_request(task, entry, profile, progress)
    while True:
        with progress_bars() as progress:
            for line in CanaryRound(machines, request, where, home()).run(progress):
                typer.echo(line)
        if not hours:
            return
        time.sleep(hours * 3600)


def _canary_request(typed: str, entry: str, profile: str, progress: Progress) -> EvaluationRequest:
    """Request the frozen entry of a task on its first data. Raises UnknownName where it is not shipped."""
    from commands.requests import evaluation_request, requested_data, requested_submission
    from harness.intake.lookup import find_profile, find_task, named_entries
    from harness.intake.request import RunOptions
    from harness.spec.errors import UnknownName

    task = find_task(typed)
    find_profile(task, profile)
    if entry not in named_entries(task):
        raise UnknownName("entry", entry, named_entries(task))
    data = requested_data(task, next(iter(task.dataset.variants)), None, 0, progress)
    submission = requested_submission(task, entry, "photofinish", progress)
    options = RunOptions(profile=profile, scenario=task.execution.scenario)
    return evaluation_request(task, typed, submission, data, options, progress)


def listing(
    ray: Annotated[str, typer.Option(help="Show which answer in the cluster at HOST:PORT.")] = "",
) -> None:
    """List enrolled machines, and what each that answers offers.

    Example: photofinish machines list --ray 10.0.0.5:6379
    """
    from machines.enrolment import Enrolment
    from machines.listing import lines

    typer.echo("\n".join(lines(Enrolment(home()).all().values(), ray, home())))


def verify(folder: Annotated[Path, typer.Argument(help="The folder of a record.")]) -> None:
    """Check that a record is whole and was signed by an enrolled machine.

    Example: photofinish machines verify records/36e30e5a23ef4d01
    """
    from harness.record import read_record
    from harness.spec.errors import BadData
    from machines.enrolment import Enrolment
    from machines.signatures import signer_of

    record, signer = read_record(folder), signer_of(folder)
    machine = Enrolment(home()).all().get(signer)
    if machine is None:
        raise BadData(f"{folder} was signed by {signer}, which is not enrolled here")
    typer.echo(f"record {record.id} is whole and was signed by {machine.name}")
