"""What several commands can be told, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TaskName = Annotated[str, typer.Argument(help="a task's name, or the path of a file that defines one")]
ProfileName = Annotated[str, typer.Option("--profile", help="cpu, edge, gpu, browser")]
Variant = Annotated[str, typer.Option("--data", help="which variant of the task's dataset")]
Source = Annotated[Path | None, typer.Option("--from", help="your own folder in the dataset's layout")]
Isolation = Annotated[
    str | None,
    typer.Option(metavar="LEVEL", help="sandbox backend to use (default: the strongest one available)"),
]
ScenarioName = Annotated[str, typer.Option(help="single_stream, multi_stream, offline or server")]
Seed = Annotated[int, typer.Option(help="of generated data, shares and order")]
