"""One sandboxed process: what it is told, what it may answer, and how each fault of its is named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from harness.intake.lookup import inspect
from harness.session.session import Session
from harness.spec import Limits, Submission
from harness.spec.errors import (
    InvalidSubmission,
    SubmissionError,
    SubmissionFailed,
    SubmissionOutOfMemory,
    SubmissionTimeout,
)

Write = Callable[..., Submission]
Open = Callable[..., Session]
X = np.arange(6, dtype=np.float32).reshape(2, 3)


def ready(session: Session) -> Session:
    session.start()
    session.load()
    session.build()
    return session


def test_arrays_and_mappings_go_in_and_come_back(session: Open, write: Write) -> None:
    entry = write("""
        def build(context):
            def model(x):
                return {"double": x["a"] * 2, "text": x["b"]}
            return model
        """)
    with session(entry) as open_session:
        ready(open_session)
        timed = open_session.ask({"a": X, "b": np.array(["straße"])})
        answer = open_session.answers(timed)[0]
    assert np.array_equal(answer["double"], X * 2)
    assert answer["text"].tolist() == ["straße"]
    assert timed.ns > 0


def test_the_context_holds_what_the_contract_says(session: Open, write: Write) -> None:
    entry = write("""
        import json, os
        import numpy as np
        def build(context):
            assert os.path.isdir(context.public)
            open(os.path.join(context.workdir, "scratch"), "w").write("mine")
            told = json.dumps([context.seed, context.params, context.profile])
            return lambda x: np.array([told])
        """)
    with session(entry, profile="edge") as open_session:
        answer = open_session.answers(ready(open_session).ask(X))[0]
    assert '[3, {"told": "everyone"}, {"name": "edge", "threads": 1, "memory_mb": 500' in str(answer[0])


def test_no_query_pays_for_what_the_one_before_gave_back(session: Open, write: Write) -> None:
    entry = write("""
        import resource
        import numpy as np
        def build(context):
            def model(x):
                before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
                for size in (100_000, 600_000, 4_000_000):
                    parts = [np.ones(size, np.uint8) for _ in range(5)]
                    del parts
                return np.int64(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
            return model
        """)
    with session(entry) as open_session:
        ready(open_session)
        faults = [int(open_session.answers(open_session.ask(X))[0]) for _ in range(12)]
    assert faults[0] > 1000
    assert max(faults[2:]) < 20


def test_batch_is_used_where_it_is_there_and_update_reaches_the_model(session: Open, write: Write) -> None:
    entry = write("""
        import numpy as np
        class Model:
            bias = 0.0
            def __call__(self, x): return x.sum() + self.bias
            def update(self, x, y): self.bias += float(y)
        class Batched(Model):
            def batch(self, xs): return [np.float64(len(xs))] * len(xs)
        def build(context):
            return Batched() if BATCHED else Model()
        BATCHED = False
        """)
    with session(entry) as open_session:
        ready(open_session)
        assert [float(a) for a in open_session.answers(open_session.ask_all([X, X + 1]), 2)] == [15.0, 21.0]
        open_session.update(X, np.float64(5))
        assert float(open_session.answers(open_session.ask(X))[0]) == 20.0
    batched = write(entry.path.read_text().replace("BATCHED = False", "BATCHED = True"), "batched")
    with session(batched) as open_session:
        ready(open_session)
        assert [float(a) for a in open_session.answers(open_session.ask_all([X, X, X]), 3)] == [3.0, 3.0, 3.0]


def test_no_file_beside_the_submission_shadows_a_library_and_none_of_ours_is_on_the_path(
    session: Open, write: Write
) -> None:
    folder = write("").path.parent / "folder"
    folder.mkdir()
    (folder / "ssl.py").write_text("raise SystemExit('shadowed')")
    (folder / "helper.py").write_text("value = 7")
    (folder / "submission.py").write_text(
        "import ssl\nimport numpy as np\nimport helper\n"
        "def build(context):\n"
        "    try:\n        import harness\n        ours = 1\n"
        "    except ImportError:\n        ours = 0\n"
        "    return lambda x: np.array([helper.value, ours, 'folder' in ssl.__file__])\n"
    )
    entry = inspect(folder, Limits(), folder.parent / "entries")
    with session(entry) as open_session:
        assert open_session.answers(ready(open_session).ask(X))[0].tolist() == [7, 0, 0]


FAULTS = {
    "syntax": ("def build(context:\n", InvalidSubmission, "SyntaxError.*line 1"),
    "no build": ("x = 1\n", InvalidSubmission, "no function build"),
    "no model": ("def build(context): return 3\n", InvalidSubmission, "cannot be called"),
    "build raises": (
        "def build(context):\n    raise ValueError('no weights')\n",
        SubmissionFailed,
        r"build raised ValueError: no weights \(entry.py, line 2\)",
    ),
    "exits": ("import sys\ndef build(context): sys.exit(0)\n", SubmissionFailed, "SystemExit"),
    "model raises": ("def build(c): return lambda x: 1 / 0\n", SubmissionFailed, "ZeroDivisionError"),
    "dies": (
        "import os\ndef build(c): return lambda x: os._exit(3)\n",
        SubmissionFailed,
        "ended during query",
    ),
    "segfaults": (
        "import ctypes\ndef build(c): return lambda x: ctypes.string_at(0)\n",
        SubmissionFailed,
        "ended during query",
    ),
    "prints without end": (
        "import os\ndef model(x):\n    while True: os.write(1, b'x' * 65536)\ndef build(c): return model\n",
        SubmissionTimeout,
        "longer",
    ),
    "late": (
        "import time\ndef build(c): return lambda x: time.sleep(60)\n",
        SubmissionTimeout,
        "query took longer",
    ),
    "answers an object": ("def build(c): return lambda x: object()\n", InvalidSubmission, "no array"),
    "too large an answer": (
        "import numpy as np\ndef build(c): return lambda x: np.zeros(10**8, np.uint8)\n",
        InvalidSubmission,
        "do not fit",
    ),
    "memory": (
        "import numpy as np\ndef build(c): return [np.ones(10**8) for _ in range(20)].append\n",
        SubmissionOutOfMemory,
        "500 MB|memory",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_status_and_its_message(session: Open, write: Write, fault: str) -> None:
    source, kind, message = FAULTS[fault]
    with session(write(source)) as open_session, pytest.raises(kind, match=message) as caught:
        ready(open_session).ask(X)
    assert caught.value.exit_code == 2
    assert len(str(caught.value).splitlines()) == 1


def forged(before: str) -> str:
    """A submission that writes to the answer pipe itself; its descriptors are the host's arguments."""
    return f"""
        import os, struct, sys, time
        pipe = int(sys.argv[2])
        def build(context):
            def model(x):
                {before}
                time.sleep(30)
            return model
        """


@pytest.mark.parametrize(
    ("before", "kind", "message"),
    [
        ("os.write(pipe, b'half a token')", SubmissionTimeout, "longer"),
        ("os.write(pipe, struct.pack('<QIIQ', 1, 17, 10, 64))", InvalidSubmission, "nonce"),
        ("os.close(pipe)", SubmissionFailed, "ended"),
    ],
)
def test_a_forged_or_half_token_is_no_answer(
    session: Open, write: Write, before: str, kind: type[SubmissionError], message: str
) -> None:
    with session(write(forged(before))) as open_session:
        ready(open_session)
        with pytest.raises(kind, match=message):
            open_session.ask(X)
