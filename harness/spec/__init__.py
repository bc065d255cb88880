"""The vocabulary: values that say what a task, a metric, a query, a profile and a submission are.

Nothing here measures, reads or writes, and no heavy package is imported.
"""

from harness.spec.dataset import DataRequest, Dataset, Prepared
from harness.spec.interaction import BuildLog, BuildSession, Interaction, TimedCheckpoint
from harness.spec.limits import Limits
from harness.spec.metric import FromAnswers, FromRun, FromSums, Metric
from harness.spec.outcome import Checkpoint, ProcessOutcome, RunOutcome
from harness.spec.places import Places
from harness.spec.profile import PROFILES, Profile, profiles_of_every_task
from harness.spec.query import Query
from harness.spec.submission import Submission
from harness.spec.task import Answer, Execution, ProcessCounts, Quality, Reporting, Task
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
    "BuildLog",
    "BuildSession",
    "Checkpoint",
    "DataRequest",
    "Dataset",
    "Execution",
    "Figures",
    "FromAnswers",
    "FromRun",
    "FromSums",
    "Goal",
    "Interaction",
    "Interval",
    "Json",
    "Limits",
    "Metric",
    "Places",
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
    "no_progress",
    "profiles_of_every_task",
]
