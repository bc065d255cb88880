"""The vocabulary: values that say what a task, a metric, a query, a profile and a submission are.

Nothing here measures, reads or writes, and no heavy package is imported.
"""

from harness.spec.dataset import DataRequest, Dataset, Prepared
from harness.spec.limits import Limits
from harness.spec.metric import Metric
from harness.spec.profile import PROFILES, Profile
from harness.spec.query import Query
from harness.spec.submission import Submission
from harness.spec.task import ProcessCounts, Task
from harness.spec.training import Checkpoint, Conclusion, Outcome, Training
from harness.spec.types import (
    Array,
    Arrays,
    Figures,
    Goal,
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
    "Array",
    "Arrays",
    "Checkpoint",
    "Conclusion",
    "DataRequest",
    "Dataset",
    "Figures",
    "Goal",
    "Json",
    "Limits",
    "Metric",
    "Outcome",
    "Prepared",
    "ProcessCounts",
    "Profile",
    "Progress",
    "Query",
    "Row",
    "Scenario",
    "Split",
    "Submission",
    "Table",
    "Task",
    "Training",
    "no_progress",
]
