"""Commands that run submissions: run, calibrate, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from commands.boards import board_of, publish_leftovers, publish_record
from commands.home import places
from commands.lookup import entry_of, prepare, record_of, scenario_of
from commands.options import Isolation, ProfileName, ScenarioName, Seed, Source, TaskName, Variant
from commands.terminal import complain, progress_bars

if TYPE_CHECKING:
    from harness.record import Record


def run(
    task: TaskName,
    submission: Annotated[
        str | None, typer.Argument(help="a shipped entry's name or a path; left out: every shipped entry")
    ] = None,
    profile: ProfileName = "cpu",
    data: Variant = "",
    source: Source = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="fewer processes; the record is provisional")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the record, nothing else")] = False,
    seed: Seed = 0,
    team: Annotated[str, typer.Option(help="whose submission it is")] = "",
    isolation: Isolation = None,
    scenario: ScenarioName = "",
    loadgen: Annotated[bool, typer.Option("--loadgen", help="run it under MLPerf's LoadGen too")] = False,
) -> None:
    """Measure submissions on a task, log them, and show the board."""
    from harness.evaluate import EvaluationJob, evaluate
    from harness.intake.lookup import find_profile, find_task, shipped_names
    from harness.measurement import calibration
    from harness.measurement.run_plan import RunSetup
    from harness.sandbox import choose
    from leaderboards.boards.names import plain
    from leaderboards.views.terminal import show_board

    found = find_task(task)
    chosen = find_profile(found, profile)
    backend = choose(isolation)
    names = [submission] if submission else shipped_names(found, chosen)
    with progress_bars() as progress:
        reference = entry_of(found, found.execution.reference, "", progress)
        entries = [entry_of(found, name, team, progress) for name in names]
        prepared = prepare(found, data, source, seed, progress)
        setup = RunSetup(
            found,
            prepared,
            chosen,
            backend,
            places().host_log,
            scenario_of(found, scenario),
            seed,
            quick,
        )
        evaluations = []
        for entry in entries:
            job = EvaluationJob(
                setup,
                entry,
                reference,
                places().records,
                loadgen,
                calibration.read(places().calibrations, profile),
            )
            evaluations.append(evaluate(job, progress))
            publish_record(evaluations[-1].folder, found, progress)
    for record in (evaluation.record for evaluation in evaluations):
        if as_json:
            print(record.to_json())
        complain(f"{plain(record.submission.name)}: {record.message or _took(record)}")
    publish_leftovers()
    if not as_json:
        show_board(board_of(found, profile, prepared.variant, scenario, prepared.sha256))
    if any(evaluation.record.status != "ok" for evaluation in evaluations):
        raise typer.Exit(2)


def _took(record: Record) -> str:
    own, loading = (float(record.gauges[name] or 0) for name in ("harness_share", "loading_share"))
    share = f"{own:.0%} of it the harness's own, {loading:.0%} decoding the data"
    return f"{record.processes} processes in {record.seconds:.0f} s, {share}"


def calibrate(
    task: Annotated[str, typer.Argument(help="whose reference is run against itself")] = "cots",
    profile: ProfileName = "cpu",
    data: Variant = "",
    isolation: Isolation = None,
    seed: Seed = 0,
) -> None:
    """Learn what this machine can tell apart, and keep it."""
    from harness.intake.lookup import find_profile, find_task
    from harness.measurement import calibration
    from harness.measurement.run_plan import RunSetup
    from harness.sandbox import choose

    found = find_task(task)
    chosen = find_profile(found, profile)
    with progress_bars() as progress:
        reference = entry_of(found, found.execution.reference, "", progress)
        prepared = prepare(found, data, None, seed, progress)
        setup = RunSetup(found, prepared, chosen, choose(isolation), places().host_log, seed=seed)
        learnt = calibration.calibrate(setup, reference, progress)
    calibration.write(places().calibrations, learnt)
    low, high = learnt.ratio_low, learnt.ratio_high
    around = f"{learnt.ratio:.4f} [{low:.4f}, {high:.4f}]"
    print(f"reference against itself  {around} over {learnt.processes} processes")
    print(f"margin                    {learnt.margin:.2%}: differences within it are not called differences")
    print(
        f"null model                {learnt.floor_us:.1f} us a query; one copy of it {learnt.copy_us:.1f} us"
    )
    print(f"memory                    {learnt.memory_gb_s:.1f} GB/s copied by one core")


def compare(
    a: Annotated[str, typer.Argument(help="a record's id, a shipped entry's name, or a path")],
    b: Annotated[str, typer.Argument(help="what it is compared with")],
    task: Annotated[str, typer.Option(help="whose queries to use for submissions")] = "cots",
    profile: ProfileName = "cpu",
    data: Variant = "",
    quick: Annotated[bool, typer.Option("--quick", help="fewer processes")] = False,
    isolation: Isolation = None,
    seed: Seed = 0,
) -> None:
    """Say whether A is faster than B. Exit code 0: not slower, 3: slower, 4: could not be measured."""
    from harness.intake.lookup import find_profile, find_task
    from harness.measurement import calibration
    from harness.measurement import compare as comparing
    from harness.measurement.run_plan import RunSetup
    from harness.record.latency import UNCALIBRATED_MARGIN
    from harness.sandbox import choose

    records, told = [record_of(name) for name in (a, b)], ""
    if records[0] and records[1]:
        result = comparing.compare_records(records[0], records[1])
    else:
        learnt = calibration.read(places().calibrations, profile)
        told = "" if learnt else ", not calibrated"
        found = find_task(task)
        with progress_bars() as progress:
            pair = entry_of(found, a, "", progress), entry_of(found, b, "", progress)
            prepared = prepare(found, data, None, seed, progress)
            chosen, log = find_profile(found, profile), places().host_log
            setup = RunSetup(found, prepared, chosen, choose(isolation), log, seed=seed, quick=quick)
            margin = learnt.margin if learnt else UNCALIBRATED_MARGIN
            result = comparing.compare_submissions(setup, *pair, margin, progress)
    ratio = result.ratio
    around = f" [{ratio.low:.4f}, {ratio.high:.4f}]" if ratio.low and ratio.high else " (no interval)"
    print(f"{a} takes {ratio.value:.4f}{around} of the time of {b}; margin {result.margin:.2%}{told}")
    print(f"verdict: {'could not be measured' if result.verdict == 'unknown' else result.verdict}")
    raise typer.Exit(result.exit_code)
