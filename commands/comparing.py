"""Commands that measure differences of speed: calibrate, compare.

A parameter of a command is an option that can be typed: that is why there are more than eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import check_home, places
from commands.lookup import compared_record, entry_of, prepare
from commands.options import Isolation, ProfileName, Quick, Seed, Source, Variant
from commands.terminal import progress_bars
from leaderboards import PAGES

if TYPE_CHECKING:
    from harness.record import Record
    from harness.record.comparison import MedianTimes


def calibrate(
    task_name: Annotated[
        str, typer.Argument(metavar="TASK", help="task whose reference is measured against itself")
    ] = "cots",
    profile: ProfileName = "cpu",
    data: Variant = "",
    source: Source = None,
    isolation: Isolation = None,
    seed: Seed = 0,
) -> None:
    """Measure how small a difference of speed this machine can tell, and keep the result.

    Example: photofinish calibrate cots --profile edge
    """
    from harness.intake.lookup import find_profile, find_task
    from harness.measurement import calibration
    from harness.measurement.run_plan import RunSetup
    from harness.sandbox import choose

    check_home()
    task = find_task(task_name)
    chosen = find_profile(task, profile)
    with progress_bars() as progress:
        reference = entry_of(task, task.execution.reference, "", progress)
        prepared = prepare(task, data, source, seed, progress)
        setup = RunSetup(task, prepared, chosen, choose(isolation), places().host_log, seed=seed)
        made = calibration.calibrate(setup, reference, progress)
    calibration.write(places().calibrations, made)
    processes = "1 process" if made.processes == 1 else f"{made.processes} processes"
    around = f"{made.ratio:.4f} [{made.ratio_low:.4f}, {made.ratio_high:.4f}]"
    print(f"reference against itself  {around} over {processes}")
    print(f"margin                    {100 * made.margin:.2f} %. Smaller differences count as ties.")
    floor = f"{made.floor_us:.1f} µs per query, of which one copy takes {made.copy_us:.1f} µs"
    print(f"null model                {floor}")
    print(f"memory                    {made.memory_gb_s:.1f} GB/s copied by one core")


def compare(
    a: Annotated[
        str, typer.Argument(help="a record (id, entry on a board, latest), a shipped entry, or a path")
    ],
    b: Annotated[str, typer.Argument(help="the record or submission to compare it with")],
    task_name: Annotated[
        str, typer.Option("--task", metavar="TASK", help="task whose queries submissions answer")
    ] = "cots",
    profile: ProfileName = "cpu",
    data: Variant = "",
    source: Source = None,
    quick: Quick = False,
    isolation: Isolation = None,
    seed: Seed = 0,
) -> None:
    """Say whether A is faster than B. Exit code 0: not slower, 3: slower, 4: could not be measured.

    Example: photofinish compare mine.py latest --task cots
    """
    from harness.intake.lookup import find_profile, find_task
    from harness.measurement import calibration
    from harness.measurement import compare as comparing
    from harness.measurement.run_plan import RunSetup
    from harness.record.latency import moved_between, moved_words
    from harness.sandbox import choose

    task = find_task(task_name)
    records, note = [compared_record(task, name) for name in (a, b)], ""
    moved = ""
    if records[0] and records[1]:
        result = comparing.compare_records(records[0], records[1])
        page = f"compare?a={records[0].id}&b={records[1].id}"
        moved = moved_words(moved_between(records[0], records[1]), result.margin, (a, b))
    else:
        check_home()
        known = calibration.read(places().calibrations, profile)
        note = "" if known else " (assumed: this machine is not calibrated)"
        chosen = find_profile(task, profile)
        with progress_bars() as progress:
            pair = entry_of(task, a, "", progress), entry_of(task, b, "", progress)
            prepared = prepare(task, data, source, seed, progress)
            backend, log = choose(isolation), places().host_log
            setup = RunSetup(task, prepared, chosen, backend, log, seed=seed, quick=quick)
            result = comparing.compare_submissions(setup, *pair, known.margin if known else None, progress)
        page = f"comparisons/{comparing.record_of(setup, *pair, result).write(places().comparisons)}"
    ratio = result.ratio
    around = f" [{ratio.low:.4f}, {ratio.high:.4f}]" if ratio.low and ratio.high else " (no interval)"
    margin_text = f"margin {100 * result.margin:.2f} %{note}"
    print(f"{a} takes {ratio.value:.4f}{around} times as long as {b}; {margin_text}")
    _print_absolute((a, b), records, result.times)
    print(f"verdict: {'could not be measured' if result.verdict == 'unknown' else result.verdict}")
    if moved:
        print(moved)
    if result.speed.open:
        print("the interval reaches beyond the margin, so that a difference is not ruled out")
    if result.disturbed:
        print(
            f"provisional: other processes used the machine while {result.disturbed} of {result.processes} "
            "process pairs were timed; stop them, or wait, and compare again"
        )
    for record in records:
        if record is not None and record.validity.state != "valid":
            print(f"{record.id} is {record.validity.state}: {'; '.join(record.validity.reasons)}")
    print(f"page: {PAGES}/{page} ('photofinish serve' shows it)")
    raise typer.Exit(result.exit_code)


def _print_absolute(names: tuple[str, str], records: Sequence[Record | None], times: MedianTimes) -> None:
    """Say how long a query takes: the medians of what was timed now, or the bounds that records hold."""
    found = [record.metrics.get("latency_p50_ms") if record else None for record in records]
    bounds = [measure.value if measure else None for measure in found]
    timed = times.a_ms is not None and times.b_ms is not None
    told = [
        f"{name} {value:.3g} ms"
        for name, value in zip(names, (times.a_ms, times.b_ms) if timed else bounds, strict=True)
        if value is not None
    ]
    if len(told) == len(names):
        print(f"median of a query{'' if timed else ', at most'}: {', '.join(told)}")
