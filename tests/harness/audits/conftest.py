"""What the tests of audits have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness import audits
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunSetup, plan_run
from harness.measurement.schedule import Share
from harness.record import Audit, Timing
from harness.spec import Query, Submission

Run = Callable[..., dict[str, Audit]]


@pytest.fixture
def audited(setup: RunSetup) -> Run:
    """Give the answers of the timed run by hand, and let the audits ask for real."""

    def run(
        submission: Submission, timed: Callable[[Query], Any] | None = None, **changes: Any
    ) -> dict[str, Audit]:
        quick = changes.pop("quick", False)
        took_ns = changes.pop("took_ns", 2_000_000)
        warmed_on = changes.pop("warmed_on", None)
        size = changes.pop("blocks_of", 32)
        task = changes.pop("change", lambda task: task)(setup.task)
        run_plan = plan_run(replace(setup, task=task, seed=4, quick=quick), submission, submission)
        queries = run_plan.queries
        if warmed_on:
            warmed_on(queries[0])
        left = ProcessPair()
        left.answers = {i: np.asarray(timed(q) if timed else q.truth) for i, q in enumerate(queries[:32])}
        left.timings = [Timing(0, i // size, i, 1, took_ns, took_ns) for i in left.answers]
        return {each.name: each for each in audits.audit(run_plan, Share((0,), tuple(range(32))), left)}

    return run
