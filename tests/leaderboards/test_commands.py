"""The commands that keep boards, on records of a small task whose answers were really scored."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

import run_bench
from harness import ROOT
from harness.intake.lookup import find_task
from harness.record import (
    DataId,
    Isolation,
    Latency,
    Measure,
    Record,
    SubmissionId,
    ValidityResult,
    read_record,
    record_folder,
)
from harness.scoring.scores import score
from harness.spec import DataRequest, Query, Task
from harness.spec.errors import UserError
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index, publishing

TINY = "tests/fixtures/tiny/task.py"
Run = Callable[..., Result]
Publish = Callable[..., Record]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(ROOT)

    def command(*words: str) -> Result:
        return CliRunner().invoke(run_bench.app, words)

    return command


@pytest.fixture
def tiny(run: Run) -> Task:
    return find_task(TINY)


@pytest.fixture
def entered(tiny: Task, home: Path) -> Publish:
    """Publish a record of an entry that is right on the units given, wrong on the others."""

    def enter(name: str, right: Sequence[str], *, answers: bool = True, seed: int = 0) -> Record:
        prepared = tiny.dataset.prepare(DataRequest("mini", home / "data"))
        queries = tiny.queries(prepared)
        given = {i: np.int64(q.truth if q.id in right else q.truth + 1) for i, q in enumerate(queries)}
        scores = score(tiny, queries, [given], "public")
        ratio = Measure(value=0.9, low=0.88, high=0.92, unit="x", goal="min")
        record = Record(
            task=tiny.name, task_version=tiny.version, profile="cpu", scenario="single_stream", quick=False,
            data=DataId(name=prepared.name, variant=prepared.variant, sha256=prepared.sha256),
            submission=SubmissionId(
                name=name, team=f"team {name}", kind="python", sha256="a" * 64, size_bytes=1
            ),
            status="ok", validity=ValidityResult(state="valid"),
            isolation=Isolation(level=1, name="bubblewrap", safe=True),
            metrics={**scores.metrics, "latency_ratio": ratio},
            latency=Latency(log_mean=-0.1, standard_error=0.01, degrees_of_freedom=3.0, margin=None),
            seed=seed, processes=4, started="2026-03-01T00:00:00+00:00", seconds=1.0,
        ).sealed()  # fmt: skip
        folder = record_folder.write(
            home / "records",
            record,
            record_folder.RecordFiles(
                units=[query.id for query in queries],
                rows=scores.rows_file(),
                draws=scores.draws_file(),
                answers=given if answers else {},
            ),
        )
        publishing.publish(home, folder, BoardSpec.of(tiny))
        return record

    return enter


def units(task: Task, home: Path) -> tuple[list[str], list[str]]:
    """Ids of the public units and of the private ones."""
    queries: Sequence[Query] = task.queries(task.dataset.prepare(DataRequest("mini", home / "data")))
    return ([q.id for q in queries if q.split == "public"], [q.id for q in queries if q.split == "private"])


def test_rebuild_makes_the_same_board_from_mlflow_alone(run: Run, entered: Publish, home: Path) -> None:
    entered("a", ["q0", "q1"])
    entered("b", ["q0"])
    before = run("board", TINY, "--json").stdout
    assert len(json.loads(before)["rows"]) == 2
    for path in home.glob("index.db*"):
        path.unlink()
    shutil.rmtree(home / "records")
    told = run("boards", "rebuild")
    assert (told.exit_code, told.stdout) == (0, "2 records on 1 board\n")
    assert run("board", TINY, "--json").stdout == before


def test_files_are_whole_and_the_terminal_says_what_it_leaves_out(
    run: Run, entered: Publish, home: Path, tiny: Task
) -> None:
    first = entered("entry 0", ["q0"])
    engine = index.open_index(home)
    for number in range(1, 60):
        submission = first.submission.model_copy(update={"name": f"entry {number}", "team": f"team {number}"})
        record = first.model_copy(update={"submission": submission}).sealed()
        index.add(engine, index.Candidate(record, BoardSpec.of(tiny), None))
    assert len(json.loads(run("board", TINY, "--json").stdout)["rows"]) == 60
    assert len(list(csv.DictReader(io.StringIO(run("board", TINY, "--csv").stdout)))) == 60
    assert run("board", TINY, "--markdown").stdout.count("· team") == 60
    shown = run("board", TINY).stdout
    assert (shown.count("· team"), "Rows 1 to 50 of 60." in shown) == (50, True)
    assert run("board", TINY, "--rows", "0").stdout.count("· team") == 60


def test_nobody_enters_as_the_house(run: Run) -> None:
    for team in ("photofinish", "PhotoFinish", "photo\u200bfinish"):
        told = run("run", TINY, "honest", "--team", team, "--quick")
        assert isinstance(told.exception, UserError)
        assert "choose another name" in str(told.exception)


def test_closing_ranks_by_units_that_were_never_scored_before(
    run: Run, entered: Publish, home: Path, tiny: Task
) -> None:
    public, private = units(tiny, home)
    leader = entered("fitted", public)
    honest = entered("general", [*public[:18], *private])
    entered("kept nothing", public[:20], answers=False)
    key = BoardKey.of(leader)
    assert publishing.read_final(home, key) is None
    assert isinstance(run("board", TINY, "--final").exception, UserError)

    told = run("boards", "close", TINY)
    assert told.exit_code == 0, told.exception
    final = publishing.read_final(home, key)
    assert final is not None
    assert [(row.entry.name, row.rank) for row in final.private.rows] == [
        ("general", 1), ("fitted", 2), ("kept nothing", None),
    ]  # fmt: skip
    assert final.private.rows[0].cell("accuracy").value == 1.0
    assert final.private.rows[1].cell("accuracy").value == 0.0
    assert [prize.record for prize in final.private.prizes] == [honest.id] * 2
    assert "▲" in told.stdout and "Shake-up" in told.stdout
    assert json.loads(run("board", TINY, "--final", "--json").stdout)["rows"][0]["entry"] == "general"
    assert json.loads(run("board", TINY, "--json").stdout)["rows"][0]["entry"] == "fitted"

    refused = run("boards", "close", TINY)
    assert "was closed on" in str(refused.exception)
    assert run("boards", "close", TINY, "--again").exit_code == 0
    shutil.rmtree(home / "closed")
    run("boards", "rebuild")
    assert publishing.read_final(home, key) is not None


def test_a_new_version_of_a_metric_makes_new_rows_and_says_who_moved(
    run: Run, entered: Publish, home: Path, tiny: Task, tmp_path: Path
) -> None:
    public, _ = units(tiny, home)
    old = [entered("broad", public[:16]), entered("narrow", public[16:20])]
    entered("kept nothing", public[:1], answers=False)
    told = run("boards", "rescore", TINY)
    assert "raise its 'version'" in str(told.exception)

    folder = tmp_path / "tiny"
    shutil.copytree(ROOT / "tests/fixtures/tiny", folder)
    text = (folder / "task.py").read_text().replace("version=1", "version=2")
    wrong = text.replace("float(np.asarray(answer) == truth)", "float(np.asarray(answer) != truth)")
    (folder / "task.py").write_text(wrong)
    told = run("boards", "rescore", str(folder / "task.py"))
    assert told.exit_code == 0, told.exception
    assert "v1 to v2" in told.stdout
    assert "1 record cannot be rescored, because answers for some public units are missing" in told.stderr
    rows = json.loads(run("board", str(folder / "task.py"), "--json").stdout)["rows"]
    assert [row["entry"] for row in rows] == ["narrow", "broad"]
    assert [round(24 * row["metrics"]["accuracy"]["value"]) for row in rows] == [20, 8]
    renewed = read_record(home / "records" / rows[0]["record"])
    assert renewed.rescored_from == old[1].id
    assert renewed.started == old[1].started
    before = json.loads(run("board", TINY, "--json").stdout)["rows"]
    assert {row["record"] for row in before} >= {record.id for record in old}


def test_what_only_reads_creates_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = tmp_path / "no home here"
    monkeypatch.setenv("PHOTOFINISH_HOME", str(absent))
    assert "cots" in run("tasks").stdout
    refused = [run("board", TINY), run("board", TINY, "--table"), run("board", TINY, "--final")]
    refused += [run("board", TINY, "--json"), run("show", "abcdef")]
    assert all(isinstance(told.exception, UserError) for told in refused)
    assert "there are no records of tiny on profile cpu" in str(refused[0].exception)
    assert not absent.exists()


def test_a_board_is_read_without_writing_and_says_what_is_not_published(
    run: Run, entered: Publish, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered("a", ["q0", "q1"])
    before = run("board", TINY, "--json")
    assert before.stderr == ""
    with monkeypatch.context() as killed:
        killed.setattr(publishing, "publish", lambda *_: "")
        entered("b", ["q0"])
    told = run("board", TINY, "--json")
    assert told.stdout == before.stdout
    assert "1 record is not on the boards; 'boards rebuild' publishes them" in told.stderr
    assert run("boards", "rebuild").exit_code == 0
    told = run("board", TINY, "--json")
    assert [row["entry"] for row in json.loads(told.stdout)["rows"]] == ["a", "b"]
    assert told.stderr == ""

    for path in home.glob("index.db*"):
        path.unlink()
    told = run("board", TINY)
    assert isinstance(told.exception, UserError)
    assert "2 records are not on the boards" in told.stderr
    assert not list(home.glob("index.db*"))


def test_other_data_are_refused(run: Run, entered: Publish, home: Path) -> None:
    record = entered("a", ["q0"], seed=5)
    told = run("boards", "close", TINY)
    assert "give the folder they came from" in str(told.exception)
    assert publishing.read_final(home, BoardKey.of(record)) is None
