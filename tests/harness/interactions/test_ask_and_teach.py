"""A task that teaches: lessons reach the model in order, are timed on their own and are never scored."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.audits.checks import lessons
from harness.audits.plugin import Seen, Setting
from harness.evaluate import Evaluation, EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission, find_task, inspect
from harness.measurement.message_sizes import MessageSizes
from harness.measurement.run_plan import RunSetup
from harness.measurement.schedule import requests, shares
from harness.sandbox.policy import Backend
from harness.spec import PROFILES, DataRequest, Limits, Places, Prepared, Task

TEACHING = Path(__file__).parents[2] / "fixtures" / "teaching" / "task.py"
Judge = Callable[..., Evaluation]


@pytest.fixture(scope="module")
def teaching() -> Task:
    return find_task(str(TEACHING))


@pytest.fixture(scope="module")
def groups(teaching: Task, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return teaching.dataset.prepare(DataRequest("mini", tmp_path_factory.mktemp("groups")))


@pytest.fixture
def taught(backend: Backend, teaching: Task, groups: Prepared, tmp_path: Path) -> Judge:
    def evaluated(source: str, query_s: float = 1) -> Evaluation:
        limits = replace(teaching.execution.limits, query_s=query_s)
        task = replace(teaching, execution=replace(teaching.execution, limits=limits))
        path = tmp_path / "entry.py"
        path.write_text(textwrap.dedent(source))
        reference = find_submission(teaching, "nearest", Places.under(tmp_path / "home"))
        entry = inspect(path, Limits(), tmp_path / "home" / "entries")
        setup = RunSetup(task, groups, PROFILES["cpu"], backend, tmp_path / "host.log", quick=True)
        return evaluate_job(EvaluationJob(setup, entry, reference, tmp_path / "records"))

    return evaluated


def test_every_process_is_given_the_same_script_in_its_order(teaching: Task, groups: Prepared) -> None:
    queries = teaching.queries(groups)
    dealt = shares(queries, 3, 5, teaching.interaction)
    assert {share.timed for share in dealt} == {tuple(range(len(queries)))}
    assert all(queries[index].teach is None for share in dealt for index in share.warm_up)


def test_a_lesson_is_a_request_of_its_own(teaching: Task, groups: Prepared) -> None:
    sizes = MessageSizes(teaching.queries(groups), teaching.answer, Limits())
    assert requests(range(7), "multi_stream", sizes, lessons={2, 3}) == [(0, 1), (2,), (3,), (4, 5, 6)]


@pytest.mark.slow
def test_a_model_that_learns_is_right_after_each_lesson(taught: Judge, teaching: Task) -> None:
    made = taught((TEACHING.parent / "nearest.py").read_text())
    record = made.record
    assert (record.status, record.message) == ("ok", "")
    # Of 54 questions the 6 that come before their lesson cannot be answered.
    assert record.metrics["accuracy"].value == pytest.approx(48 / 54)
    assert record.metrics["lesson_ms"].value > 0  # type: ignore[operator]
    rows = np.load(made.folder / "rows.npz")
    right = dict(zip(rows["id"].tolist(), rows["right"].tolist(), strict=True))
    assert {name: score for name, score in right.items() if name.startswith("before")} == {
        f"before-{group}": 0.0 for group in range(6)
    }
    assert not any(name.startswith("lesson") for name in right)
    passed = {audit.name: audit.passed for audit in record.audits}
    assert passed["unhurried"] is True
    assert passed["idle"] is True
    assert passed["lessons"] is True


@pytest.mark.slow
def test_the_rows_say_how_many_lessons_came_before_each_answer(taught: Judge) -> None:
    made = taught((TEACHING.parent / "nearest.py").read_text())
    rows = np.load(made.folder / "rows.npz")
    before = dict(zip(rows["id"].tolist(), rows["lessons"].tolist(), strict=True))
    assert (before["before-0"], before["after-0-0"], before["before-5"], before["after-5-7"]) == (0, 1, 5, 6)
    lines = (made.folder / "lessons.csv").read_text().splitlines()
    assert lines[0] == "replicate,unit,ns,cpu_s,memory_mb"
    assert [line.split(",")[1] for line in lines[1:7]] == [f"lesson-{group}" for group in range(6)]


def test_warm_up_asks_nothing_that_was_not_taught(teaching: Task, groups: Prepared) -> None:
    queries = teaching.queries(groups)
    dealt = shares(queries, 2, 0, teaching.interaction)
    assert {queries[index].id for share in dealt for index in share.warm_up} == {"before-0"}


COSTLY = """
    import time
    import numpy as np

    class Model:
        def __init__(self):
            self.kept = []

        def __call__(self, x):
            return np.int64(0)

        def update(self, x, y):
            end = time.perf_counter() + 0.03
            while time.perf_counter() < end:
                pass
            self.kept.append(np.ones(1_000_000))
            return "ignored"

    def build(context):
        return Model()
"""


@pytest.mark.slow
def test_a_lesson_has_its_time_its_cpu_time_and_its_memory(taught: Judge) -> None:
    made = taught(COSTLY)
    assert made.record.status == "ok"
    lessons = [line.split(",") for line in (made.folder / "lessons.csv").read_text().splitlines()[1:]]
    ns, cpu_s, memory_mb = (np.array([float(line[column]) for line in lessons]) for column in (2, 3, 4))
    assert (ns > 0.03e9).all()
    assert 0.01 < np.median(cpu_s) < 0.1
    assert 7 < np.median(memory_mb) < 9


BESIDE = """
    import hashlib
    import threading
    import numpy as np

    BUFFER = bytes(60_000_000)

    class Model:
        def __call__(self, x):
            return np.int64(0)

        def update(self, x, y):
            for _ in range(4):
                threading.Thread(target=hashlib.sha256, args=(BUFFER,)).start()

    def build(context):
        return Model()
"""


@pytest.mark.parametrize(("used_s", "passed"), [(0.0, True), (0.05, True), (0.11, False)])
def test_work_after_lessons_is_judged_by_its_cpu_time(
    teaching: Task, groups: Prepared, used_s: float, passed: bool
) -> None:
    queries = teaching.queries(groups)
    setting = Setting(teaching, queries, dict.fromkeys(range(len(queries)), np.zeros(())), (0,), (), 0)
    steps = lessons.AUDIT.plan(setting)
    assert [step.query for step in steps[:3]] == [1, None, 2]
    assert sum(step.query is None for step in steps) == lessons.MOST_LESSONS
    seen = [Seen(step, None, 0, used_s if step.query is None else 0.0) for step in steps]
    assert lessons.AUDIT.verify(setting, seen)[0] is passed


@pytest.mark.slow
def test_a_lesson_that_trains_beside_the_clock_is_noticed(taught: Judge) -> None:
    record = taught(BESIDE).record
    audit = next(audit for audit in record.audits if audit.name == "lessons")
    assert audit.passed is False, audit.detail
    assert record.validity.state == "invalid"


def test_a_model_without_update_is_told_so(taught: Judge) -> None:
    record = taught("import numpy as np\ndef build(context): return lambda x: np.int64(0)\n").record
    assert record.status == "invalid"
    assert "no method update(x, y)" in record.message


@pytest.mark.parametrize(
    ("body", "query_s", "status"),
    [
        ("raise ValueError('no more')", 1, "failed"),
        ("import time; time.sleep(9)", 1, "timeout"),
        ("self.kept = [bytearray(10**7) for _ in range(10**6)]", 20, "out_of_memory"),
        ("import os; os._exit(0)", 1, "failed"),
    ],
)
def test_a_lesson_that_goes_wrong_is_the_submissions_fault(
    taught: Judge, body: str, query_s: float, status: str
) -> None:
    source = f"""
        import numpy as np

        class Model:
            def __call__(self, x):
                return np.int64(0)

            def update(self, x, y):
                {body}

        def build(context):
            return Model()
        """
    record: Any = taught(source, query_s).record
    assert record.status == status
    assert "update" in record.message
