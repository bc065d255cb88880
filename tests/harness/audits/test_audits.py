"""Audits: honest entries pass, also noisy ones; who caches, copies a neighbour or works unasked does not."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from harness import audits
from harness.audits import checks
from harness.audits.agreement import differing, not_comparable, same, score_alike
from harness.audits.asking import Rhythm, _blocks
from harness.audits.checks.repeats import verify as verify_repeats
from harness.audits.plugin import Seen, Setting, Step
from harness.interactions import Independent
from harness.measurement.participant import Participant
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunSetup, plan_run
from harness.measurement.schedule import Share
from harness.record import Audit, Timing
from harness.spec import Prepared, Query, Submission, Task
from harness.spec.errors import SubmissionFailed

Write = Callable[..., Submission]
Run = Callable[..., dict[str, Audit]]

HONEST = """
    import time
    import numpy as np
    def build(context):
        def model(x):
            time.sleep(0.002)
            return np.int64(x.argmax())
        return model
    """


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


def test_an_honest_entry_passes_them_all(audited: Run, write: Write) -> None:
    found = audited(write(HONEST))
    assert {name: each.passed for name, each in found.items()} == dict.fromkeys(
        ("unhurried", "order", "repeats", "idle"), True
    ) | {"lessons": None}


def test_a_cache_shows_as_speed(audited: Run, write: Write) -> None:
    found = audited(
        write("""
        import time
        import numpy as np
        def build(context):
            known = {}
            def model(x):
                key = x.tobytes()
                if key not in known:
                    time.sleep(0.05)
                    known[key] = np.int64(x.argmax())
                return known[key]
            return model
        """)
    )
    assert found["repeats"].passed is False
    assert "cached" in found["repeats"].detail
    assert found["order"].passed


def test_perturbations_stand_for_fresh_queries_where_a_task_makes_them(audited: Run, write: Write) -> None:
    seen: list[Any] = []

    def perturb(x: Any, rng: Random) -> Any:
        seen.append(x)
        return x + rng.random() / 8

    found = audited(
        write(HONEST), change=lambda task: replace(task, answer=replace(task.answer, perturb=perturb))
    )
    assert found["repeats"].passed
    assert len(seen) >= 4


def test_who_copies_the_neighbours_answer_fails_in_another_order(audited: Run, write: Write) -> None:
    """The timed answers are what such a model said in the order of the timed run."""
    source = """
        import time
        import numpy as np
        def build(context):
            state = [0, 0]
            def model(x):
                state[0] += 1
                if state[0] % 2:
                    state[1] = np.int64(x.argmax())
                return state[1]
            return model
        """
    last = [0, 0]

    def copied(query: Query) -> int:
        last[0] += 1
        if last[0] % 2:
            last[1] = query.truth
        return last[1]

    found = audited(write(source), copied)
    assert found["order"].passed is False
    assert "answers differ" in found["order"].detail


def test_timed_answers_that_cannot_be_given_again_fail(audited: Run, write: Write) -> None:
    found = audited(write("import numpy as np\ndef build(c): return lambda x: np.int64(0)\n"))
    assert found["unhurried"].passed is False


def test_work_while_nothing_is_asked_fails(audited: Run, write: Write) -> None:
    found = audited(
        write("""
        import threading
        import numpy as np
        def burn():
            while True: pass
        def build(context):
            threading.Thread(target=burn, daemon=True).start()
            return lambda x: np.int64(x.argmax())
        """)
    )
    assert found["idle"].passed is False
    assert "nothing was asked" in found["idle"].detail


def test_a_tracker_is_asked_what_it_was_asked_before(audited: Run, write: Write) -> None:
    """In order: a model that remembers sees the same warm-up and the same beginning, and answers the same."""
    source = """
        import numpy as np
        def build(context):
            state = [0]
            def model(x):
                state[0] = (3 * state[0] + int(x.argmax())) % 97
                return np.int64(state[0])
            return model
        """
    state = [0]

    def remembered(query: Query) -> int:
        state[0] = (3 * state[0] + query.truth) % 97
        return state[0]

    # The warm-up is the first query once more.
    found = audited(
        write(source),
        remembered,
        change=lambda task: replace(task, interaction=Independent(ordered=True)),
        warmed_on=remembered,
    )
    assert found["order"].passed is None
    assert found["order"].detail == "does not suit this task"
    assert found["unhurried"].passed
    assert found["unhurried"].detail.startswith("0 of 16")


@pytest.mark.parametrize("ordered", [False, True])
def test_no_verdict_rests_on_a_private_unit(audited: Run, write: Write, ordered: bool) -> None:
    """Whatever was answered to private units, right or wrong: an audit would give their labels away."""

    def verdicts(private: Callable[[Query], Any]) -> dict[str, tuple[bool | None, str]]:
        found = audited(
            write(HONEST),
            lambda query: query.truth if query.split == "public" else private(query),
            change=lambda task: replace(task, interaction=Independent(ordered=ordered)),
        )
        return {name: (found[name].passed, found[name].detail) for name in ("unhurried", "order")}

    right, wrong = verdicts(lambda query: query.truth), verdicts(lambda query: (query.truth + 1) % 8)
    assert right == wrong
    count = 16 if ordered else 8
    assert right["unhurried"] == (True, f"0 of {count} answers differ from the timed ones")


def test_an_audited_process_is_asked_in_blocks_as_the_measured_one_was(
    audited: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[int] = []
    turn = Participant.turn

    def watched(self: Participant, requests: Any, loaded: Any) -> list[int]:
        blocks.append(len(requests))
        return turn(self, requests, loaded)

    monkeypatch.setattr(Participant, "turn", watched)
    audited(write(HONEST), blocks_of=5)
    whole = [size for size in blocks if size == 5]
    assert max(blocks) == 5
    assert len(whole) > len(blocks) / 2, "all but the last block of each audit"


def test_requests_of_many_queries_are_audited_with_as_many() -> None:
    steps = [
        Step(0),
        Step(1),
        Step(2),
        Step(3, alone=True),
        Step(4, alone=True),
        Step(None, rest_s=1),
        Step(5),
    ]
    blocks = list(_blocks(steps, Rhythm(block=2, width=2, pause_s=0.0)))
    assert [[[step.query for step in request] for request in block] for block in blocks] == [
        [[0, 1], [2]], [[3], [4]], [[None]], [[5]]
    ]  # fmt: skip


def test_a_quick_run_is_not_kept_waiting(audited: Run, write: Write) -> None:
    found = audited(write("def build(context): raise OSError"), quick=True, took_ns=3 * 10**9)
    assert {each.passed for each in found.values()} == {None}
    assert "quick run" in found["idle"].detail


def test_what_fails_only_when_audited_fails(audited: Run, write: Write) -> None:
    with pytest.raises(SubmissionFailed, match="OSError"):
        audited(write("def build(context): raise OSError('gone')"))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (np.int64(3), np.int64(3), True),
        (np.int64(3), np.int64(4), False),
        (np.array([1.0, 100.0]), np.array([1.00005, 100.0]), True),
        (np.array([1.0, 100.0]), np.array([1.5, 100.0]), False),
        (np.zeros((2, 5)), np.zeros((3, 5)), False),
        (np.zeros((0, 5)), np.zeros((0, 5)), True),
        ({"a": np.ones(2)}, {"a": np.ones(2)}, True),
        ({"a": np.ones(2)}, {"b": np.ones(2)}, False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array(["cat"]), np.array(["cat"]), True),
        (np.array([True]), np.array([False]), False),
    ],
)
def test_answers_agree_up_to_rounding(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal


def test_lots_drawn_by_an_entry_are_told_from_a_worse_one(tiny: Task) -> None:
    """Six wrong of twenty in both passes, but not the same six; then all wrong."""
    right, wrong = np.asarray(1), np.asarray(0)
    lots = [(wrong if i < 6 else right, wrong if i >= 14 else right, 1) for i in range(20)]
    assert differing(tiny, lots) == 12
    assert score_alike(tiny, lots)
    assert not score_alike(tiny, [(one, wrong, truth) for one, _, truth in lots])


def test_an_entry_that_draws_lots_is_not_taken_for_a_cheat(audited: Run, write: Write) -> None:
    source = """
        import random
        import numpy as np
        def build(context):
            chance = random.Random(context.seed)
            return lambda x: np.int64(x.argmax() if chance.random() < 0.5 else 0)
        """
    rng = Random(0)
    found = audited(write(source), lambda query: query.truth if rng.random() < 0.5 else 0)
    assert found["unhurried"].passed
    assert "answers differ" in found["unhurried"].detail
    assert found["unhurried"].detail.endswith("but score the same")


def test_a_task_says_when_answers_agree(tiny: Task) -> None:
    task = replace(tiny, answer=replace(tiny.answer, agree=lambda one, other: True))
    assert differing(task, [(np.asarray(0), np.asarray(1), 1)]) == 0
    alone = replace(tiny, quality=replace(tiny.quality, across=lambda queries, answers: answers))
    assert not_comparable(alone)
    assert not_comparable(replace(alone, answer=task.answer)) is None


def _seen(indices: range, ns: Mapping[bool, int], asked: tuple[int, ...]) -> list[Seen]:
    nothing = np.asarray(0)
    first = [Seen(Step(index), nothing, ns[False], 0.0) for index in asked]
    return first + [Seen(Step(index, alone=True), nothing, ns[index in asked], 0.0) for index in indices]


@pytest.mark.parametrize(
    ("repeat_ns", "fresh_ns", "passed"),
    [
        (1_000_000, 1_000_000, True),
        (700_000, 1_000_000, True),  # warm memory
        (10_000, 40_000, True),  # four times, but nothing worth a cache
        (100_000, 1_000_000, False),
    ],
)
def test_a_cache_is_told_from_warm_memory(
    tiny: Task, prepared: Prepared, repeat_ns: int, fresh_ns: int, passed: bool
) -> None:
    asked = tuple(range(6))
    setting = Setting(tiny, tiny.queries(prepared), {}, asked, tuple(range(6, 12)), 0)
    seen = _seen(range(12), {True: repeat_ns, False: fresh_ns}, asked)
    assert verify_repeats(setting, seen)[0] is passed


def test_a_failed_audit_makes_a_record_invalid(judged: Callable[..., Any], write: Write) -> None:
    record = judged(
        write("""
        import time
        import numpy as np
        def build(context):
            known = {}
            def model(x):
                if x.tobytes() not in known:
                    time.sleep(0.05)
                known[x.tobytes()] = 1
                return np.int64(x.argmax())
            return model
        """)
    ).record
    assert record.status == "ok"
    assert [each.name for each in record.audits] == ["unhurried", "order", "repeats", "idle", "lessons"]
    assert record.validity.state == "invalid"
    assert any("Audit repeats failed: answers are cached" in reason for reason in record.validity.reasons)


def test_an_audit_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "always.py").write_text(
        textwrap.dedent("""
        from harness.audits.plugin import AuditPlugin, Step

        def plan(setting):
            return [Step(setting.asked[0])]

        AUDIT = AuditPlugin("always", plan, lambda *_: None, lambda *_: (True, "asked once"))
        """)
    )
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    checks.all_audits.cache_clear()
    try:
        names = [each.name for each in checks.all_audits()]
        assert names == ["unhurried", "always", "order", "repeats", "idle", "lessons"]
    finally:
        checks.all_audits.cache_clear()
