"""The page of a task: what is asked, how it is scored, which data and rules it has, how to submit."""

from __future__ import annotations

from harness.spec import PROFILES, Task
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import index
from leaderboards.views.task_facts import limit_facts, meaning, run_facts
from leaderboards.web.rendering import render
from leaderboards.web.source import Missing, Source


def task_list(source: Source) -> str:
    """Render the list of the tasks that are known here."""
    known = source.tasks
    return render("tasks.html", tasks=[known.find(name) for name in known.names] if known else [])


def task_page(source: Source, name: str) -> str:
    """Render the page of a task. Raises Missing where it is not known here."""
    shown = source.task(name)
    if shown is None or source.tasks is None:
        raise Missing(f"there is no task {name} here; the page of tasks lists all")
    spec = BoardSpec.of(shown)
    return render(
        "task.html",
        task=shown,
        spec=spec,
        metrics=[(column, meaning(spec, column)) for column in spec.columns[: len(shown.metrics)]],
        facts=_facts(shown),
        entries=source.tasks.entries(shown),
        boards=index.listings(source.engine, shown.name),
    )


def _facts(task: Task) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the tables of the page by title, each of names and sentences."""
    profiles = [(name, PROFILES[name].title) for name in task.execution.profiles]
    return [
        ("Data", list(task.dataset.variants.items())),
        ("How it is run", list(run_facts(task))),
        ("Limits of a submission", list(limit_facts(task))),
        ("Profiles", profiles),
    ]
