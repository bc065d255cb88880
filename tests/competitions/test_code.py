"""Code in the sandbox: rehearsed in the open, scored on hidden data, and silent about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from competitions.evaluation.code import hidden_failure
from competitions.evaluation.reports import read_report
from competitions.hosting.closing import close
from competitions.hosting.trail import read_trail, signed_trail
from competitions.hosting.verifying import verify
from competitions.queue.submitting import allowance_of
from tests.competitions.conftest import Play

GOOD = """import numpy as np
def build(context):
    print('hello author')
    return lambda x: np.int64(x.argmax())
"""
POOR = "import numpy as np\ndef build(context):\n    return lambda x: np.int64(0)\n"
BROKEN = "def build(context):\n    print('about to fail')\n    raise ValueError('my own fault')\n"


@pytest.mark.slow
def test_code_is_rehearsed_scored_ranked_closed_and_verified(tiny: Play, tmp_path: Path) -> None:
    ann, bob, cid = (tiny.account(name) for name in ("ann", "bob", "cid"))
    good = tiny.submit(ann, GOOD, "good.py")
    poor = tiny.submit(bob, POOR, "poor.py")
    broken = tiny.submit(cid, BROKEN, "broken.py")
    tiny.judge_all()
    failed = tiny.read(broken).progress
    assert (failed.state, failed.fault) == ("failed", "rehearsal")
    assert "my own fault" in failed.message
    report = read_report(tiny.engine, tiny.home, cid, broken.id)
    assert report is not None
    assert "about to fail" in report.log
    assert "Traceback" in report.log
    assert allowance_of(tiny.engine, tiny.hosted, cid).today == 0
    told = read_report(tiny.engine, tiny.home, ann, good.id)
    assert told is not None
    assert told.passed
    assert "hello author" in told.log
    assert {"build", "steady"} <= {phase.name for phase in told.phases}
    assert all(phase.seconds >= 0 for phase in told.phases)
    assert tiny.read(good).public == 1.0
    assert (tiny.read(poor).public or 0) < 0.5
    assert [(row.rank, row.name) for row in tiny.board()] == [(1, "ann"), (2, "bob")]
    tiny.end_it()
    (board,) = close(tiny.engine, tiny.home, "tiny", tiny.host)
    assert [row.name for row in board.rows] == ["ann", "bob"]
    assert board.rows[0].private == 1.0
    assert "Accuracy" in board.rows[0].prizes
    assert any("Performance" in row.prizes for row in board.rows)
    path = tmp_path / "trail.json"
    path.write_bytes(signed_trail(tiny.engine, tiny.home, tiny.hosted))
    found = verify(tiny.engine, tiny.home, read_trail(path))
    assert (found.files, found.scores, found.faults) == (3, 2, ())
    # Nothing of it is logged to MLflow, whose views show every metric and artifact to everybody.
    assert not (tiny.home / "ledger").exists()


@pytest.mark.slow
def test_a_failure_on_hidden_data_tells_its_kind_and_the_own_line_alone(tiny: Play) -> None:
    source = (
        "import numpy as np\n"
        "SEEN = {SEEN}\n"
        "def build(context):\n"
        "    def model(x):\n"
        "        if tuple(x) not in SEEN:\n"
        "            raise ValueError(f'the hidden numbers are {x.tolist()}')\n"
        "        return np.int64(0)\n"
        "    return model\n"
    )
    # Numbers of the open seed, which everybody can generate: the rehearsal passes.
    import numpy as np

    known = np.random.default_rng(0).permuted(np.tile(np.arange(8), (48, 1)), axis=1)
    ann = tiny.account("ann")
    made = tiny.submit(ann, source.replace("{SEEN}", repr({tuple(row) for row in known.tolist()})), "spy.py")
    tiny.judge_all()
    failed = tiny.read(made).progress
    assert (failed.state, failed.fault) == ("failed", "theirs")
    assert failed.message == "it raised an error or its process ended, at spy.py, line 6"
    report = read_report(tiny.engine, tiny.home, ann, made.id)
    assert report is not None
    assert report.passed
    assert "hidden numbers" not in report.log + report.message
    assert allowance_of(tiny.engine, tiny.hosted, ann).today == 1


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("a query raised KeyError: 17 labels (mine.py, line 12)", "ended, at mine.py, line 12"),
        ("its process ended during build; its last line: secret (x.py, line 3) ", "process ended"),
        ("a query raised E: (a/../b, line 3)", "process ended"),
    ],
)
def test_no_word_of_a_message_passes(message: str, told: str) -> None:
    from types import SimpleNamespace

    said = hidden_failure(SimpleNamespace(message=message, status="failed"))  # type: ignore[arg-type]
    assert said.endswith(told)
