"""Check the metric by hand, and the answers that are refused."""

from pathlib import Path

import numpy as np
import pytest

from harness.intake.lookup import find_task
from harness.spec import Query
from harness.spec.errors import InvalidSubmission

task = find_task(str(Path(__file__).with_name("task.py")))


def test_accuracy():
    rows = [task.quality.tally(np.int64(answer), truth) for answer, truth in ((1, 1), (2, 3))]
    sums = {name: np.array(sum(row[name] for row in rows)) for name in rows[0]}
    assert task.metrics[0].source.compute(sums) == 0.5


def test_an_array_is_no_answer():
    query = Query("q0", "q0", "public", load=lambda: np.zeros(8), truth=0)
    with pytest.raises(InvalidSubmission, match="q0: the answer must be one number"):
        task.answer.check(np.zeros(8), query)
