"""A cheat against the reference, with all that a real evaluation looks at: pairing, audits, validity."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness import audits
from harness.intake.lookup import inspect
from harness.measurement import pairs, schedule
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunSetup, plan_run
from harness.record import Timing
from harness.scoring import scores, validity
from harness.session.settings import ExecutionSettings
from harness.spec import Prepared, Task
from harness.spec.errors import Status, SubmissionError
from tests.cheats.rounds import FAIR, LIMITS

ENTRIES = Path(__file__).parent / "entries"
REFERENCES = {"duel": "reference.py", "verdict": "reference.py", "lessons": "taught.py"}
PAYS_FROM = 0.6
"""The share of the reference's time below which a right entry was faster than its work."""


def fight(path: Path, settings: ExecutionSettings, task: Task) -> tuple[Status, str, set[str]]:
    """Return the status (invalid, too, where the record would be), the reasons, and the gains."""
    reference = ENTRIES / REFERENCES[task.name]
    data = Prepared("numbers", "mini", "0" * 64, settings.public, settings.public)
    setup = RunSetup(task, data, settings.profile, settings.backend, settings.public / "host.log", seed=1)
    both = (inspect(entry, LIMITS, settings.public / "entries") for entry in (path, reference))
    run_plan = replace(plan_run(setup, *both), settings=settings)
    queries = run_plan.queries
    share = schedule.shares(queries, 1, 1, task.interaction)[0]
    left = ProcessPair()
    try:
        pairs.run_pair(run_plan, 0, share, left, lambda answered: None)
        found = audits.audit(run_plan, share, left)
    except SubmissionError as error:
        return error.status, str(error), set()
    verdict = validity.judge(
        validity.Conditions(
            validity.Outcome("ok", "", quick=False, processes=1, ranked_processes=1),
            validity.Containment(
                settings.backend.name,
                safe=True,
                idle_cpu_s=left.resources.idle_cpu_s,
                frozen_s=sum(timing.reference_ns for timing in left.timings) / 1e9,
            ),
            validity.CalibrationState(calibrated=True),
            findings=validity.Findings(audits=found),
        )
    )
    if verdict.state == "invalid":
        return "invalid", "; ".join(verdict.reasons), set()
    score = scores.score(task, queries, [left.answers], "public").metrics["score"].value or 0
    right = score > FAIR[task.name] - 0.1
    gained = {"ratio"} if right and plain_ratio(left.timings) < PAYS_FROM else set()
    if right and left.lessons and plain_ratio(left.lessons) < PAYS_FROM:
        gained.add("lesson ratio")
    if score > FAIR[task.name] + 0.25:
        gained.add("score")
    return "ok", f"score {score:.2f}", gained


def plain_ratio(timings: Sequence[Timing]) -> float:
    """Median time of the submission over median time of the reference, order forgotten."""
    mine = statistics.median(timing.submission_ns for timing in timings)
    return mine / statistics.median(timing.reference_ns for timing in timings)
