"""Answers that a record kept are read back and scored; examples show public units only."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.figures.evaluation import examples as draw_examples
from harness.intake.lookup import find_task
from harness.portable import OwnFile
from harness.scoring.rescoring import Rescored, _answers, rescore
from harness.scoring.scores import score
from harness.scoring.stored import AskedTask, StoredAnswers, score_stored
from harness.spec import DataRequest, Query, Reporting, Task

TINY = str(Path(__file__).parents[2] / "fixtures" / "tiny" / "task.py")


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Task, list[Query]]:
    task = find_task(TINY)
    return task, list(task.queries(task.dataset.prepare(DataRequest("mini", tmp_path))))


def test_each_split_is_scored_by_its_own_units(asked: tuple[Task, list[Query]], tmp_path: Path) -> None:
    task, queries = asked
    answers = {q.id: np.int64(q.truth if q.split == "private" else q.truth + 1) for q in queries}
    np.savez(tmp_path / "answers.npz", **answers)
    public, private = (
        rescore(task, queries, tmp_path, split, tmp_path / "host.log") for split in ("public", "private")
    )
    assert public is not None and private is not None
    assert (public.metrics["accuracy"].value, private.metrics["accuracy"].value) == (0.0, 1.0)
    assert set(private.rows["id"]) == {q.id for q in queries if q.split == "private"}
    assert private.clusters == len({q.cluster for q in queries if q.split == "private"})
    again = Rescored.of_bytes(private.to_bytes())
    assert (again.metrics, again.to_bytes()) == (private.metrics, private.to_bytes())


def test_stored_answers_give_the_same_bytes_where_their_files_lie_elsewhere(
    asked: tuple[Task, list[Query]], tmp_path: Path
) -> None:
    task, queries = asked
    data = task.dataset.prepare(DataRequest("mini", tmp_path))
    folder = tmp_path / "record"
    folder.mkdir()
    stored = StoredAnswers(
        AskedTask("a", TINY, data), "private", OwnFile(folder / "answers.npz"), tmp_path / "host.log"
    )
    assert score_stored(stored) == b"", "there are no answers"
    np.savez(folder / "answers.npz", **{query.id: np.int64(query.truth) for query in queries})
    here = score_stored(stored)
    assert Rescored.of_bytes(here).metrics["accuracy"].value == 1.0
    away, there = stored.packed(), tmp_path / "machine"
    for name, paths in stored.shared().items():
        for path in paths:
            (there / name).mkdir(parents=True)
            (shutil.copytree if path.is_dir() else shutil.copy)(path, there / name / path.name)
    shutil.rmtree(folder)
    moved = away.at(there, {name: there / name for name in stored.shared()})
    assert moved.asked.data.public.is_relative_to(there)
    assert moved.host_log.is_relative_to(there)
    assert score_stored(moved) == here


def test_no_score_without_an_answer_to_every_unit(asked: tuple[Task, list[Query]], tmp_path: Path) -> None:
    task, queries = asked
    assert rescore(task, queries, tmp_path, "private", tmp_path / "host.log") is None
    np.savez(tmp_path / "answers.npz", **{q.id: np.int64(0) for q in queries[:-1]})
    assert queries[-1].split == "private"
    assert rescore(task, queries, tmp_path, "private", tmp_path / "host.log") is None
    assert rescore(task, queries, tmp_path, "public", tmp_path / "host.log") is not None


def test_answers_of_several_arrays_come_back_by_part(asked: tuple[Task, list[Query]], tmp_path: Path) -> None:
    _, queries = asked
    held = {"q0|mask": np.ones(3), "q0|score": np.zeros(1), "q1": np.arange(2), "stranger|x": np.ones(1)}
    np.savez(tmp_path / "answers.npz", **held)
    found = _answers(queries, tmp_path)
    assert found.keys() == {0, 1}
    assert set(found[0]) == {"mask", "score"}
    assert list(found[1]) == [0, 1]


def test_examples_are_asked_for_public_units_only(asked: tuple[Task, list[Query]]) -> None:
    task, queries = asked
    seen: list[str] = []

    def examples(shown, answers):  # type: ignore[no-untyped-def]
        seen.extend(f"{query.split} {answer}" for query, answer in zip(shown, answers, strict=True))
        return {"one.png": b""}

    answers = {index: np.int64(index) for index in range(len(queries))}
    shown = replace(task, reporting=Reporting(examples=examples))
    scores = score(shown, queries, [answers], "public")
    assert draw_examples(shown, queries, scores) == {"one.png": b""}
    public = [f"public {index}" for index, query in enumerate(queries) if query.split == "public"]
    assert seen[: len(public)] == public
    assert set(seen) == set(public), "the worst units, which are asked for alone, are public ones"
    assert draw_examples(task, queries, scores) == {}
