"""Real Chromium around a submission's source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.intake.lookup import inspect
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import browser
from harness.spec import PROFILES, Limits
from harness.spec.errors import NotAvailable

LIMITS = Limits(build_s=30, query_s=10, memory_mb=2048)


def reason() -> str:
    """Why no page can be run here; empty where one can."""
    try:
        browser()
    except NotAvailable as error:
        return str(error)
    backend = choose(None)
    return "" if backend.name == "bubblewrap" else "only bubblewrap gives a browser a network of its own"


ONLY_WITH_A_BROWSER = [pytest.mark.slow, pytest.mark.skipif(bool(reason()), reason=reason() or "-")]


class Page:
    """Starts a page around a submission's source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sessions: list[Session] = []

    def __call__(self, source: str, **files: str) -> Session:
        entry = self.folder / "entry"
        entry.mkdir()
        (entry / "submission.js").write_text(source)
        for name, text in files.items():
            (entry / name).write_text(text)
        public = self.folder / "public"
        public.mkdir()
        (public / "word.txt").write_text("from the public folder")
        settings = ExecutionSettings(choose(None), PROFILES["browser"], LIMITS, public, {"answer": 42})
        session = Session(settings, inspect(entry, LIMITS, public.parent / "entries"), seed=7)
        self.sessions.append(session)
        session.start()
        session.load()
        return session


def answer(session: Session, x: Any) -> Any:
    return session.answers(session.ask(x))[0]
