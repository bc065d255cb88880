"""The references of trainings train in pieces when they are told to, and answer afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets.clicks import mini
from datasets.texts import layout
from datasets.texts.layout import Text
from harness.intake.lookup import find_submission, find_task
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Places, Prepared


def clicks(folder: Path) -> None:
    mini.write(mini.Plan(rows=1 << 15, vocabulary=500, hidden=1 << 10, probes=600), folder)


def texts(folder: Path) -> None:
    some = [Text(f"a {('cat', 'dog')[number % 2]}".encode(), number % 2) for number in range(600)]
    layout.write(folder, ("cats", "dogs"), some, some[:100])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "write"), [("recommender", clicks), ("text", texts)])
def test_the_reference_yields_a_model_after_each_piece(name: str, write: object, tmp_path: Path) -> None:
    for part in ("public", "private"):
        (tmp_path / part).mkdir()
    assert callable(write)
    write(tmp_path)
    task = find_task(name)
    pace = task.interaction.pace
    assert pace is not None
    prepared = Prepared(name, "mini", "0" * 64, tmp_path / "public", tmp_path / "private")
    params = {**task.execution.params, **pace.params}
    settings = ExecutionSettings(choose(), PROFILES["cpu"], task.execution.limits, prepared.public, params)
    reference = find_submission(task, task.execution.reference, Places.under(tmp_path / "home"))
    query = next(query for query in task.queries(prepared) if query.cluster != "features")
    with Session(settings, reference, 0) as session:
        session.start()
        session.load()
        session.prepare()
        session.build()
        for _ in range(2 * pace.beside):
            assert session.at_checkpoint
            assert session.resume() > 0
        assert session.at_checkpoint
        session.resume()
        assert not session.at_checkpoint
        assert np.isfinite(np.asarray(session.answers(session.ask(query.load()))[0])).all()
