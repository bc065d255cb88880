"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands import completions

TaskName = Annotated[
    str,
    typer.Argument(
        metavar="TASK",
        help="name of a shipped task, or path of a task's file",
        autocompletion=completions.tasks,
    ),
]
ProfileName = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="profile to run on: cpu, edge, gpu or browser",
        autocompletion=completions.profiles,
    ),
]
Variant = Annotated[
    str,
    typer.Option("--data", metavar="VARIANT", help="variant of the task's dataset (default: the first one)"),
]
Source = Annotated[
    Path | None,
    typer.Option("--from", metavar="PATH", help="your own folder or file in the dataset's layout"),
]
Isolation = Annotated[
    str | None,
    typer.Option(metavar="LEVEL", help="sandbox backend to use (default: the strongest one available)"),
]
ScenarioName = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="single_stream, multi_stream, offline or server (default: the task's own)",
        show_default=False,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=0,
        max=2**32 - 1,
        help="random seed for generated data, query order and assignment (default: 0)",
        show_default=False,
    ),
]
Sealed = Annotated[
    bool,
    typer.Option("--sealed", help="generated data from a secret key of this home, drawn at the first use"),
]
Quick = Annotated[bool, typer.Option("--quick", help="run fewer processes; the record is provisional")]
Team = Annotated[str, typer.Option(metavar="NAME", help="team that hands in the submission")]
LoadGen = Annotated[bool, typer.Option("--loadgen", help="run the submission under MLPerf's LoadGen as well")]
SaveRequest = Annotated[
    Path | None,
    typer.Option("--save-request", metavar="FILE", help="write the evaluation request, run nothing"),
]
Missing = Annotated[
    bool, typer.Option("--missing", help="leave out entries that have a record on these data")
]
MaxTime = Annotated[
    float | None,
    typer.Option(
        metavar="MINUTES", min=0, help="begin no entry and no round of processes after so many minutes"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print the record as JSON and nothing else")]
