"""A page of real Chromium for tests of the browser host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.host.browser_page import Page


@pytest.fixture
def page(tmp_path: Path) -> Any:
    made = Page(tmp_path)
    yield made
    for session in made.sessions:
        session.close()
