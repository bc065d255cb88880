"""Commands that measure submissions: run, evaluate.

A parameter of a command is an option that can be typed: that is why there are more than eight.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import completions, requests
from commands.boards import board_of, publish_leftovers
from commands.home import check_home, places
from commands.lookup import data_options, refuse_shipped_team, scenario_of
from commands.options import (
    AsJson,
    Isolation,
    LoadGen,
    MaxTime,
    Missing,
    ProfileName,
    Quick,
    SaveRequest,
    ScenarioName,
    Sealed,
    Seed,
    Source,
    TaskName,
    Team,
    Variant,
)
from commands.several import measure, without_records
from commands.terminal import complain, progress_bars
from harness.spec.errors import UserError

ROWS = 50

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.evaluate import Evaluation
    from harness.record import Record
    from harness.spec import Profile, Task
    from leaderboards.boards.board import Board


def run(
    task_name: TaskName,
    submissions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUBMISSION",
            help="shipped entries' names, paths or records (default: every shipped entry)",
            autocompletion=completions.entries,
        ),
    ] = None,
    profile: ProfileName = "cpu",
    data: Variant = "",
    source: Source = None,
    quick: Quick = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    sealed: Sealed = False,
    team: Team = "",
    isolation: Isolation = None,
    scenario: ScenarioName = "",
    loadgen: LoadGen = False,
    save_request: SaveRequest = None,
    missing: Missing = False,
    max_time: MaxTime = None,
) -> None:
    """Measure submissions on a task, log them, and show the board.

    Example: photofinish run cots mine.py --quick
    """
    from harness.intake.lookup import find_profile, find_task
    from harness.intake.request import RunOptions
    from harness.sandbox import choose

    check_home()
    task = find_task(task_name)
    chosen = find_profile(task, profile)
    choose(isolation)  # an unknown one is refused before data are made
    issued = scenario_of(task, scenario)
    options = RunOptions(
        profile=profile, scenario=issued, seed=seed, quick=quick, isolation=isolation, loadgen=loadgen
    )
    names = submissions or _shipped(task, chosen)
    if save_request and len(names) != 1:
        raise UserError("--save-request needs one submission; name it after the task")
    with progress_bars() as progress:
        entries = [requests.requested_submission(task, name, team, progress) for name in names]
        made = requests.requested_data(task, data, source, seed, progress, sealed=sealed)
        wanted = [
            requests.evaluation_request(task, task_name, entry, made, options, progress) for entry in entries
        ]
        if save_request:
            wanted[0].write(save_request)
            return
        evaluations = measure(without_records(wanted) if missing else wanted, task, progress, max_time)
    _report(records := [evaluation.record for evaluation in evaluations], as_json=as_json)
    publish_leftovers()
    if not as_json:
        board = board_of(task, profile, made.variant, scenario, made.sha256, limit=None)
        again = _typed_again(profile, data_options(data, source), seed, sealed)
        _print_outcomes(evaluations, board, task_name, again)
    _exit_by(records)


def _typed_again(profile: str, data: str, seed: int, sealed: bool) -> str:
    """Return the options with which the same files run again on the same board."""
    parts = [f" --profile {profile}" if profile != "cpu" else "", data]
    parts += [f" --seed {seed}" if seed else "", " --sealed" if sealed else ""]
    return "".join(parts)


def _shipped(task: Task, profile: Profile) -> list[str]:
    from harness.intake.lookup import shipped_names

    names = shipped_names(task, profile)
    if not names:
        raise UserError(
            f"no shipped entry runs on profile '{profile.name}'; name a submission after the task"
        )
    return names


def _print_outcomes(evaluations: Sequence[Evaluation], board: Board, task: str, again: str) -> None:
    from leaderboards.views.terminal import show_board

    show_board(replace(board, rows=board.rows[:ROWS]))
    for evaluation in evaluations:
        _print_outcome(evaluation, board, task, again)


def _print_outcome(evaluation: Evaluation, board: Board, task: str, again: str) -> None:
    from leaderboards.boards.names import plain
    from leaderboards.views.after_run import after_run

    record = evaluation.record
    print(f"\n {plain(record.submission.name)}")
    for title, text in after_run(record, evaluation.folder, board, task, again):
        print(f"   {title:<12} {text}")


def evaluate(
    request: Annotated[Path, typer.Argument(metavar="REQUEST.json", help="file of an evaluation request")],
    records: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="folder for the record (default: records in the home)"),
    ] = None,
    task: Annotated[
        Path | None, typer.Option(metavar="FILE", help="where the task's file is, if not where it was")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="PATH", help="where the data are, if not where they were")
    ] = None,
    submission: Annotated[
        Path | None, typer.Option(metavar="PATH", help="where the submission is, if not where it was")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="run it on a machine of the cluster with this head"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run one evaluation as a file requests it, and log its record.

    Example: photofinish evaluate request.json --submission mine.py
    """
    from harness.intake.request import read_request
    from harness.intake.requested import requested_task

    check_home()
    wanted = read_request(request).relocated(task, source, submission)
    if wanted.submission.path:
        refuse_shipped_team(wanted.submission.team)
    where = replace(places(), records=records.resolve()) if records else places()
    with progress_bars() as progress, requests.executor_at(ray).reserved(wanted.run.profile) as evaluator:
        evaluation = requests.run_request(wanted, requested_task(wanted.task), where, progress, evaluator)
    _report([evaluation.record], as_json=as_json)
    if not as_json:
        print(evaluation.folder)
    _exit_by([evaluation.record])


def _exit_by(records: Sequence[Record]) -> None:
    """End with 2 where a record is invalid: a run that failed, an unsafe one, one that missed its gate."""
    if any(record.status != "ok" or record.validity.state == "invalid" for record in records):
        raise typer.Exit(2)


def _report(records: Sequence[Record], *, as_json: bool) -> None:
    for record in records:
        if as_json:
            print(record.to_json())
        complain(requests.summary(record))
