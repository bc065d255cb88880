"""Task text: what is asked and refused, how trainings are counted, and how skew is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from datasets.texts import layout
from datasets.texts.layout import Text
from harness.host import codec
from harness.spec import Prepared, ProcessOutcome, Query
from harness.spec.errors import InvalidSubmission
from tasks.text import outcome, strings
from tasks.text.task import task
from tests.tasks.outcomes import Concluded, conclude

Array = np.ndarray[Any, np.dtype[Any]]
WORDS = ("red", "blue")


def text(number: int, label: int) -> Text:
    return Text(f"{WORDS[label]} number {number}".encode(), label, f"file {number // 10}")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "public").mkdir()
    (folder / "private").mkdir()
    train = [text(number, number % 2) for number in range(100)]
    test = [text(number, number % 2) for number in range(100, 500)]
    layout.write(folder, WORDS, train, test)
    return Prepared("texts", "docstrings", "0" * 64, folder / "public", folder / "private")


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> list[Query]:
    return list(task.queries(prepared))


def answer(query: Query, wrong: float = 0.0) -> Array:
    """Right scores, or one feature a byte; a share of the labels wrong."""
    x = query.load()
    texts = x["texts"]
    if str(x["ask"]) != strings.LABELS:
        return np.array([[len(one), one.count(b"e")] for one in texts.tolist()], np.float64)
    red = np.array([one.startswith(b"red") for one in texts.tolist()], np.float64)
    scores = np.stack([red, 1 - red], axis=1)
    flipped = int(wrong * len(scores))
    scores[:flipped] = 1 - scores[:flipped]
    return scores


def process(queries: list[Query], build: float = 2.0, wrong: float = 0.0) -> ProcessOutcome:
    answers = {index: task.answer.check(answer(query, wrong), query) for index, query in enumerate(queries)}
    seconds = {
        "import": 0.5,
        "prepare": 0.5,
        "build": build,
        "first_query": 0.3,
        "warm_up": 0.2,
        "steady": 9.0,
    }
    return ProcessOutcome(answers, seconds, [(index, 0.002) for index in answers])


def concluded(prepared: Prepared, queries: list[Query], *processes: ProcessOutcome) -> Concluded:
    return conclude(task, prepared, queries, processes)


def test_every_hidden_string_is_asked_once_in_blocks_of_whole_groups_in_order(queries: list[Query]) -> None:
    blocks = [query for query in queries if query.id.startswith("block")]
    asked = [one for query in blocks for one in query.load()["texts"].tolist()]
    assert sorted(asked) == sorted(text(number, number % 2).text for number in range(100, 500))
    assert sum(query.id.startswith("single") for query in queries) == strings.SINGLES
    assert {query.split for query in queries} == {"public"}


def test_every_query_crosses_the_wire(queries: list[Query]) -> None:
    """Empty strings, a megabyte, emoji, invalid UTF-8, bytes of zero."""
    longest = 0
    for query in queries:
        item = codec.arrays_of(query.load())
        parsed = codec.Layout(codec.Layout.of([item]).text)
        assert [name for name, *_ in parsed.items[0]] == ["texts", "ask"]
        longest = max(longest, query.load()["texts"].dtype.itemsize)
    assert longest == strings.LONGEST
    odd = {query.id: query.load()["texts"][0] for query in queries if query.cluster == "odd"}
    assert odd["odd-empty"] == b""
    with pytest.raises(UnicodeDecodeError):
        odd["odd-invalid"].decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((63, 2)), r"float64 \(63, 2\) came; one array of numbers \(64, 2\)"),
        (np.zeros((64, 3)), "3 scores a string came; there are 2 classes"),
        (np.zeros(64), "came; one array"),
        (np.full((64, 2), np.nan), "not all numbers are finite"),
        (np.full((64, 2), "a"), "came; one array"),
        ({"scores": np.zeros((64, 2))}, "is a mapping"),
    ],
    ids=["count", "classes", "flat", "nan", "text", "mapping"],
)
def test_what_is_no_answer_is_refused(queries: list[Query], given: Any, said: str) -> None:
    with pytest.raises(InvalidSubmission, match=f"block-0000.*{said}"):
        task.answer.check(given, queries[0])


def test_a_training_is_credited_with_all_passes_by_wall_time(
    prepared: Prepared, queries: list[Query]
) -> None:
    found = concluded(prepared, queries, process(queries))
    assert found.faults == ()
    few = sum(query.cluster in {"odd", "features"} for query in queries)
    seconds = 3.5 + 0.002 * few
    assert found.metrics["examples_per_s"][0] == pytest.approx(outcome.EPOCHS * 100 / seconds)
    assert found.metrics["epoch_s"][0] == pytest.approx(seconds / outcome.EPOCHS)
    assert found.metrics["single_p50_ms"][0] == pytest.approx(2)
    assert found.metrics["skew"][0] == 0


@pytest.mark.parametrize("phase", ["import", "prepare", "first_query", "warm_up"])
def test_no_phase_is_a_way_around_the_clock(prepared: Prepared, queries: list[Query], phase: str) -> None:
    slow, quick = process(queries, build=2.0), process(queries, build=0.0)
    moved = {**quick.seconds, phase: quick.seconds[phase] + 2.0}
    slow_prepare = ProcessOutcome(quick.answers, moved, quick.asked)
    rates = [concluded(prepared, queries, one).metrics["examples_per_s"][0] for one in (slow, slow_prepare)]
    assert rates[0] == pytest.approx(rates[1])


@pytest.mark.parametrize("cluster", ["odd", "features", "single"])
def test_a_training_in_a_timed_query_counts(prepared: Prepared, queries: list[Query], cluster: str) -> None:
    honest = process(queries)
    place = next(index for index, query in enumerate(queries) if query.cluster == cluster)
    asked = [(index, 3.0 if index == place else seconds) for index, seconds in honest.asked]
    hidden = ProcessOutcome(honest.answers, honest.seconds, asked)
    slow = process(queries, build=5.0)
    rates = [concluded(prepared, queries, one).metrics["examples_per_s"][0] for one in (hidden, slow)]
    assert rates[0] == pytest.approx(rates[1], rel=1e-3)


def test_a_model_below_the_gate_is_named(prepared: Prepared, queries: list[Query]) -> None:
    (said,) = concluded(prepared, queries, process(queries, wrong=0.5)).faults
    assert "misses the gate, 0.7" in said


def skewed(queries: list[Query], change: Any) -> ProcessOutcome:
    one = process(queries)
    (place,) = [index for index, query in enumerate(queries) if query.truth.ask == strings.TRAINING]
    return ProcessOutcome({**one.answers, place: change(one.answers[place].copy())}, one.seconds, one.asked)


def test_features_that_differ_between_training_and_serving_are_named(
    prepared: Prepared, queries: list[Query]
) -> None:
    emoji = strings.PROBES + list(strings.ODD).index("emoji")

    def change(features: Array) -> Array:
        features[emoji] += 1
        return features

    found = concluded(prepared, queries, skewed(queries, change))
    probed = strings.PROBES + len(strings.ODD)
    assert found.metrics["skew"][0] == pytest.approx(1 / probed)
    assert found.faults == (
        f"skew: the features of 'emoji' of {probed} strings differ between training and serving",
    )


def test_other_widths_are_skew_and_rounding_is_not(prepared: Prepared, queries: list[Query]) -> None:
    wider = concluded(prepared, queries, skewed(queries, lambda features: np.pad(features, ((0, 0), (0, 1)))))
    assert wider.metrics["skew"][0] == 1
    rounded = concluded(prepared, queries, skewed(queries, lambda features: features * (1 + 1e-6)))
    assert rounded.metrics["skew"][0] == 0
    assert rounded.faults == ()


def test_only_blocks_count_for_accuracy(queries: list[Query]) -> None:
    rows = [task.quality.tally(task.answer.check(answer(query), query), query.truth) for query in queries]
    assert sum(float(row["strings"]) for row in rows) == 400
    sums = {name: np.array([sum(float(row[name]) for row in rows)]) for name in ("right", "strings")}
    assert strings.accuracy(sums) == 1.0
