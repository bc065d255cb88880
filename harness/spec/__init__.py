"""The vocabulary: values that say what a task, a metric, a query, a profile and a submission are.

Nothing here measures, reads or writes, and no heavy package is imported. The
modules are imported on first use, so that the command line answers --help at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.spec.dataset import DataRequest, Dataset, Prepared
    from harness.spec.environment import Environment, OwnEnvironments
    from harness.spec.growth import Growth
    from harness.spec.interaction import BuildLog, BuildSession, Interaction, Pace, TimedCheckpoint
    from harness.spec.limits import Limits
    from harness.spec.metric import FromAnswers, FromRun, FromSums, Metric, Positives
    from harness.spec.outcome import Checkpoint, Lesson, ModelTime, ProcessOutcome, RunOutcome, TrainingNotes
    from harness.spec.places import Places
    from harness.spec.profile import PROFILES, Profile, profiles_of_every_task
    from harness.spec.query import Query
    from harness.spec.submission import Submission
    from harness.spec.task import Answer, BoardOptions, Execution, ProcessCounts, Quality, Reporting, Task
    from harness.spec.types import (
        Array,
        Arrays,
        Figures,
        Goal,
        Interval,
        Json,
        Progress,
        Row,
        Scenario,
        Split,
        Table,
        no_progress,
    )

__all__ = [
    "PROFILES",
    "Answer",
    "Array",
    "Arrays",
    "BoardOptions",
    "BuildLog",
    "BuildSession",
    "Checkpoint",
    "DataRequest",
    "Dataset",
    "Environment",
    "Execution",
    "Figures",
    "FromAnswers",
    "FromRun",
    "FromSums",
    "Goal",
    "Growth",
    "Interaction",
    "Interval",
    "Json",
    "Lesson",
    "Limits",
    "Metric",
    "ModelTime",
    "OwnEnvironments",
    "Pace",
    "Places",
    "Positives",
    "Prepared",
    "ProcessCounts",
    "ProcessOutcome",
    "Profile",
    "Progress",
    "Quality",
    "Query",
    "Reporting",
    "Row",
    "RunOutcome",
    "Scenario",
    "Split",
    "Submission",
    "Table",
    "Task",
    "TimedCheckpoint",
    "TrainingNotes",
    "no_progress",
    "profiles_of_every_task",
]

_MODULES = (
    "dataset",
    "environment",
    "growth",
    "interaction",
    "limits",
    "metric",
    "outcome",
    "places",
    "profile",
    "query",
    "submission",
    "task",
    "types",
)


def __getattr__(name: str) -> Any:
    """Import a name of the vocabulary when it is first asked for."""
    if name in __all__:
        for module in _MODULES:
            values = vars(import_module(f"{__name__}.{module}"))
            if name in values:
                return globals().setdefault(name, values[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
