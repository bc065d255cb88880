"""Damaged model files of every runtime, loaded in a sandbox: answered, or refused with the file's name.

One process loads one file after another; a new one is started where a file ended it.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from harness.session.runtimes import main_file
from harness.session.session import Session
from harness.spec.errors import SubmissionError, SubmissionOutOfMemory, SubmissionTimeout
from tests.datasets.mutate import mutated
from tests.harness.host.model_files import NETWORKS, ROOM, RUNTIMES, Open, each, entry_at

X = np.zeros(8, np.float32)
FEW, MANY = 15, 100


def fuzz(session: Open, folder: Path, kind: str, count: int) -> dict[str, list[str]]:
    """Load ``count`` damaged files; return what was said, by what came of them."""
    given = folder / RUNTIMES[kind]
    if (NETWORKS / given.name).is_dir():
        shutil.copytree(NETWORKS / given.name, given)
    else:
        shutil.copyfile(NETWORKS / given.name, given)
    entry, file = entry_at(given, folder / "home"), main_file(given, kind)
    whole, rng = file.read_bytes(), random.Random(0)
    came: dict[str, list[str]] = {"taken": [], "refused": [], "ended": [], "wrong": []}
    opened: Session | None = None
    try:
        for number in range(count):
            file.write_bytes(mutated(whole, rng))
            if opened is None:
                opened = session(entry, **{**ROOM, "run_s": 1e6})
                opened.start()
            try:
                opened.load()
                opened.build()
                opened.answers(opened.ask({"x": X}))
                came["taken"].append("")
            except SubmissionError as error:
                said = str(error)
                ended = not said.startswith(("build raised", "query raised"))
                came["ended" if ended else "refused"].append(said)
                capped = isinstance(error, SubmissionOutOfMemory | SubmissionTimeout)
                if not (file.name in said or said.startswith("query raised") or capped):
                    came["wrong"].append(f"{number}: {said}")
                if ended:
                    opened.close()
                    opened = None
    finally:
        if opened:
            opened.close()
    return came


@pytest.mark.parametrize("kind", each(*RUNTIMES))
def test_a_few_damaged_files_are_refused_by_name_or_answered(
    session: Open, tmp_path: Path, kind: str
) -> None:
    came = fuzz(session, tmp_path, kind, FEW)
    assert came["wrong"] == []
    assert came["refused"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", RUNTIMES)
def test_damaged_files_are_refused_by_name_or_answered(session: Open, tmp_path: Path, kind: str) -> None:
    came = fuzz(session, tmp_path, kind, MANY)
    assert came["wrong"] == []
    assert came["refused"]
