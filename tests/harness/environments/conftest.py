"""An index of packages, and the environments that are built from it."""

from __future__ import annotations

import socket
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.environments.build import environment
from harness.environments.lockfile import lock_of
from harness.spec import Environment, OwnEnvironments, no_progress
from tests.harness.environments.wheelhouse import LARGE, PUBLISHED, served

Build = Callable[..., Environment]


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with served(PUBLISHED, dict.fromkeys(LARGE, 8_000_000_000)) as address:
        yield address


@pytest.fixture
def silent() -> str:
    """The address of an index that nobody serves."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}/simple"


@pytest.fixture
def build(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Build the environment of a submission's files, with rules changed as named."""
    monkeypatch.delenv("PHOTOFINISH_PACKAGES", raising=False)

    def built(files: dict[str, str], **rules: object) -> Environment:
        folder = tmp_path / "entry"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(textwrap.dedent(text))
        lock = lock_of(folder)
        assert lock
        allowed = replace(OwnEnvironments(sources=(index,)), **rules)  # type: ignore[arg-type]
        return environment(lock, allowed, tmp_path / "environments", no_progress)

    return built
