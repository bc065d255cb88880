"""What a session keeps of what was printed, and that nothing else is left of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness.session.log import LOG_BYTES
from harness.session.session import Session
from harness.spec import Submission

Write = Callable[..., Submission]


Open = Callable[..., Session]
X = np.zeros(3, np.float32)


def ready(session: Session) -> Session:
    session.start()
    session.load()
    session.build()
    return session


def test_what_it_prints_is_kept_and_capped(session: Open, write: Write) -> None:
    entry = write("""
        import sys
        def build(context):
            print("hello from build")
            print("x" * 3_000_000, file=sys.stderr)
            return lambda x: x
        """)
    with session(entry) as open_session:
        ready(open_session).ask(X)
        log = open_session.log_text()
    assert log.startswith("hello from build")
    assert len(log) <= LOG_BYTES


def test_nothing_is_left_of_a_closed_session(session: Open, write: Write) -> None:
    entry = write("""
        import os, time
        def build(context):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(600)
                os._exit(0)
            return lambda x: x
        """)
    with session(entry) as open_session:
        ready(open_session).ask(X)
        tree = open_session.tree()
        workdir = open_session._workdir
        assert len(tree) >= 2
    assert not any(_alive(pid) for pid in tree)
    assert not workdir.exists()


def _alive(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/stat").open() as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
