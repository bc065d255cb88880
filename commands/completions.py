"""What the shell offers when a name is typed by half: tasks, shipped entries, profiles, environments."""

from __future__ import annotations

import typer

from harness.spec.errors import PhotofinishError


def tasks(incomplete: str) -> list[str]:
    """Return the shipped tasks that begin so; files are completed by the shell itself."""
    from harness.intake.lookup import task_names

    return [name for name in task_names() if name.startswith(incomplete)]


def entries(context: typer.Context, incomplete: str) -> list[str]:
    """Return the shipped entries of the task typed before that begin so."""
    from harness.intake.lookup import find_task, shipped_names

    task = context.params.get("task_name")
    if task not in tasks(""):  # a task's own file is never imported because a key was pressed
        return []
    try:
        return [name for name in shipped_names(find_task(task)) if name.startswith(incomplete)]
    except PhotofinishError:
        return []


def profiles(incomplete: str) -> list[str]:
    """Return the profiles that begin so."""
    from harness.spec import PROFILES

    return [name for name in PROFILES if name.startswith(incomplete)]


def environments(incomplete: str) -> list[str]:
    """Return the stock environments that begin so."""
    from harness.environments.stock import STOCK

    return [name for name in STOCK if name.startswith(incomplete)]
