"""Task drift: the script, the trivial predictors, what the originals got wrong, and bad input."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.spans import layout, spans
from harness import ROOT
from harness.scoring.scores import score
from harness.session.worker import worker
from harness.spec import DataRequest, Lesson, Prepared, ProcessOutcome, Query, RunOutcome
from harness.spec.errors import BadData, InvalidSubmission
from tasks.drift import outcome
from tasks.drift.spans import check, queries
from tasks.drift.task import task

SHARED = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[4] / "shared" / "data"))
ELEC2 = SHARED / "elec2" / "elec.csv"


def prepared(cache: Path, variant: str = "spans", source: Path | None = None, seed: int = 0) -> Prepared:
    return spans.prepare(DataRequest(variant, cache, source, seed))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepared(tmp_path_factory.mktemp("spans"))


def table(folder: Path, numbers: Sequence[int], rows: int = 16, name: str = "own.csv") -> Path:
    """A stream in which the class of each row is in its only column."""
    lines = [
        f"{number * 100 + row},{number},{(row if rows > 1 else number) % 2}"
        for number in numbers
        for row in range(rows)
    ]
    path = folder / name
    path.write_text("\n".join(["value,span,class", *lines]) + "\n")
    return path


def run(prepared: Prepared, answer: Callable[[Query], Any]) -> RunOutcome:
    """What a process did that answers like this."""
    script = queries(prepared)
    answers = {
        index: check(answer(query), query) for index, query in enumerate(script) if query.teach is None
    }
    taught = [Lesson(index, 0.5, 0.4, 1.0) for index, query in enumerate(script) if query.teach]
    process = ProcessOutcome(answers, {}, [], taught)
    return RunOutcome(prepared, script, [process])


def figures(made: RunOutcome) -> dict[str, Any]:
    scored = score(task, made.queries, [made.processes[0].answers], "public")
    return {name: (m.value, m.low, m.high) for name, m in scored.metrics.items()}


def test_each_span_is_asked_before_it_is_taught(digits: Prepared) -> None:
    script = queries(digits)
    assert [query.id for query in script[:4]] == ["span-0000", "lesson-0000", "span-0001", "lesson-0001"]
    assert script[-1].id == "old"
    for question, lesson in zip(script[:-1:2], script[1::2], strict=True):
        assert question.cluster == lesson.cluster
        assert lesson.teach is not None
        np.testing.assert_array_equal(question.load(), lesson.load())
        np.testing.assert_array_equal(question.truth.labels, lesson.teach())


def test_old_rows_are_never_taught(digits: Prepared) -> None:
    script = queries(digits)
    taught = {row.tobytes() for query in script if query.teach for row in np.asarray(query.load())}
    assert not taught & {row.tobytes() for row in np.asarray(script[-1].load())}


def test_the_stream_has_sudden_gradual_and_recurring_drifts_at_seeded_moments(tmp_path: Path) -> None:
    one, other = (layout.read_drifts(prepared(tmp_path, seed=seed).private) for seed in (0, 1))
    assert {drift.kind for drift in one} == {"sudden", "gradual", "recurring"}
    assert [drift.name for drift in one] == [drift.name for drift in other]
    assert [drift.span for drift in one] != [drift.span for drift in other]
    assert layout.read_drifts(prepared(tmp_path, "steady").private) == []


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, same = prepared(tmp_path / "a"), prepared(tmp_path / "b")
    assert one.sha256 == same.sha256 != prepared(tmp_path / "a", seed=1).sha256


# -- the originals' five bugs --------------------------------------------------------------------------


def test_span_10_holds_its_own_rows_only(tmp_path: Path) -> None:
    """The glob span-[{n-1}{n}] matched spans 0, 1 and 9 at n = 10."""
    script = queries(prepared(tmp_path, "csv", table(tmp_path, range(13))))
    tenth = next(query for query in script if query.truth is not None and query.truth.number == 9)
    assert {int(value) // 100 for value in np.asarray(tenth.load()).ravel()} == {10}


def test_spans_come_in_order_of_number_not_of_text(tmp_path: Path) -> None:
    script = queries(prepared(tmp_path, "csv", table(tmp_path, range(1, 14))))
    order = [int(np.asarray(query.load())[0, 0]) // 100 for query in script if query.teach]
    assert order == list(range(2, 14))


def test_the_first_spans_are_kept(tmp_path: Path) -> None:
    made = prepared(tmp_path, "csv", table(tmp_path, range(1, 8)))
    with np.load(made.public / "history.npz") as history:
        assert {int(value) // 100 for value in history["x"].ravel()} == {1}
    assert layout.read(made.private).span.tolist()[0] == 0
    assert len([query for query in queries(made) if query.teach]) == 6


def test_the_newest_span_is_the_last_one_taught(tmp_path: Path) -> None:
    """The original took folders[0] for the newest, which was the oldest."""
    script = queries(prepared(tmp_path, "csv", table(tmp_path, [8, 9, 10, 11])))
    newest = [query for query in script if query.teach][-1]
    assert int(np.asarray(newest.load())[0, 0]) // 100 == 11


def test_spans_out_of_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="span 3 comes after span 10; sort by time"):
        prepared(tmp_path, "csv", table(tmp_path, [1, 2, 10, 3]))


def test_chance_alone_makes_the_threshold_retrain_and_the_test_hardly_ever() -> None:
    """The article's rule retrains when a span of 110 rows falls below 0.9, which chance does in 17 %."""
    run = subprocess.run(
        [worker().python, ROOT / "bench" / "drift_triggers.py"], capture_output=True, text=True, check=True
    )
    found = re.findall(r"(\w+): retrains on (\d+) of (\d+) streams without drift", run.stdout)
    counts = {name: int(count) / int(streams) for name, count, streams in found}
    assert counts["threshold"] > 0.5
    assert counts["interval"] <= 0.05


# -- scores --------------------------------------------------------------------------------------------


def test_a_perfect_model_reaches_one_and_a_trivial_one_does_not_rank(digits: Prepared) -> None:
    perfect = run(digits, lambda query: query.truth.labels)
    assert figures(perfect)["accuracy"][0] == 1.0
    assert outcome.faults(perfect, figures(perfect)) == ()
    silly = run(digits, lambda query: np.full_like(query.truth.labels, 77))
    (below, *_) = outcome.faults(silly, figures(silly))
    assert "is below what predicting no change reaches" in below


def test_no_change_is_counted_row_by_row(tmp_path: Path) -> None:
    made = run(prepared(tmp_path, "csv", table(tmp_path, range(4))), lambda query: query.truth.labels)
    assert figures(made)["no_change"][0] == 0.0  # labels alternate


def test_delay_recovery_and_retrainings() -> None:
    accuracy = [0.9] * 5 + [0.3, 0.4, 0.85] + [0.9] * 4
    seen = outcome.SpanResults(accuracy, [5], [6, 9], [0.1] * 12)
    assert outcome.detection_delay(seen) == 1
    assert outcome.recovery(seen) == 2
    assert outcome.retrainings(seen) == 2
    assert outcome.retraining_s(seen) == pytest.approx(0.2)
    missed = outcome.SpanResults(accuracy, [5], [], [0.1] * 12)
    assert outcome.detection_delay(missed) == 7


def test_a_retraining_is_the_lesson_before_the_count_rose(digits: Prepared) -> None:
    made = run(
        digits, lambda query: {"labels": query.truth.labels, "retrained": np.int64(query.truth.number > 4)}
    )
    made.processes[0].answers[len(made.queries) - 1]["retrained"] = np.int64(1)  # type: ignore[index]
    assert outcome.span_results(made.queries, made.processes[0]).retrained == [4]


# -- bad input -----------------------------------------------------------------------------------------


def test_spans_of_one_row(tmp_path: Path) -> None:
    made = run(prepared(tmp_path, "csv", table(tmp_path, range(6), rows=1)), lambda query: query.truth.labels)
    assert figures(made)["accuracy"][0] == 1.0
    assert not any(query.id == "old" for query in made.queries)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("value,label\n1,2\n", "no column 'class'"),
        ("value,class\n1,0\n2,\n", "line 3: no class"),
        ("value,class\none,0\ntwo,1\n", "'value' must hold finite numbers"),
        ("class\n0\n1\n", "no column of numbers"),
        ("value,span,class\n1,0,0\n2,1,1\n", "2 spans; at least 3"),
        ("value,span,class\n1,0,0\n2,1,0\n3,2,0\n", "one class"),
        ("value,span,class\n1,0.5,0\n2,1,1\n", "'span' must hold whole numbers"),
        ("", "cannot be read as CSV"),
        ("value,class\n", "a header and no rows"),
        ('value,class\n"1,0\n2,1\n', "cannot be read as CSV"),
        ("value,class\n1e39,0\n2,1\n", "'value' must hold finite numbers"),
        ("value,class\nnan,0\n2,1\n", "'value' must hold finite numbers"),
        ("value,class\n1\0,0\n2,1\n", "'value' must hold finite numbers"),
    ],
)
def test_bad_tables_are_refused_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(BadData, match=words):
        prepared(tmp_path / "cache", "csv", tmp_path / "own.csv")


@pytest.mark.parametrize("answer", [np.zeros(3), np.zeros((2, 2), int), {"classes": np.zeros(3, int)}])
def test_answers_that_are_none_are_refused(digits: Prepared, answer: Any) -> None:
    with pytest.raises(InvalidSubmission, match="whole numbers"):
        check(answer, queries(digits)[0])


@pytest.mark.skipif(not ELEC2.is_file(), reason=f"no Elec2 stream at {ELEC2}")
def test_no_change_on_elec2(tmp_path: Path) -> None:
    made = run(prepared(tmp_path, "elec2", ELEC2), lambda query: query.truth.labels)
    assert figures(made)["no_change"][0] == pytest.approx(0.853, abs=0.001)
