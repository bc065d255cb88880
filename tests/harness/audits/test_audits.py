"""Audits: honest entries pass, also noisy ones; who caches, copies a neighbour or works unasked does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from harness.audits.asking import Rhythm, _blocks
from harness.audits.plugin import Step
from harness.interactions import Independent
from harness.measurement.participant import Participant
from harness.record import Audit
from harness.spec import Query, Submission
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
