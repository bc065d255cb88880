"""Fill ``commands.md`` from the command line itself, whenever the site is built."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "harness" / "bin" / "python"
MARK = "<!-- every command -->"


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the reference of all commands in place of the mark, one level below the page's title."""
    return markdown.replace(MARK, _reference()) if MARK in markdown else markdown


def _reference() -> str:
    command = [PYTHON, "-m", "typer", "run_bench.py", "utils", "docs", "--name", "run_bench.py"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    _, _, commands = told.partition("\n## ")
    return f"## {commands}"
