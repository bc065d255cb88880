"""Task super_resolution: what is refused, what an answer is worth, who knows the pictures, what is shown."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from bench import super_resolution_cheat as cheat
from datasets.photos.bicubic import resize
from harness.spec import DataRequest, Prepared, ProcessOutcome, Query, RunOutcome
from harness.spec.errors import InvalidSubmission
from tasks.super_resolution import outcome, pictures
from tasks.super_resolution.task import task
from tasks.super_resolution_speed.task import task as speed

Array = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return task.dataset.prepare(DataRequest("mini", tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> list[Query]:
    return list(task.queries(prepared))


def bicubic(query: Query) -> Array:
    return resize(query.truth.load_low(), *query.truth.shape[:2])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.zeros((191, 192, 3), np.uint8), r"shape \(191, 192, 3\); 4 times the picture is 192 x 192"),
        (np.zeros((1, 1, 3), np.uint8), r"shape \(1, 1, 3\)"),
        (np.zeros((0, 192, 3), np.uint8), r"shape \(0, 192, 3\)"),
        (np.zeros((192, 192), np.uint8), "is grey"),
        (np.zeros((192, 192, 4), np.uint8), "leave the alpha channel out"),
        (np.zeros((192, 192, 3), np.float32), "holds float32; scale it to 0 … 255"),
        (np.zeros((192, 192, 3), np.int64), "holds int64; uint8 is asked for"),
        (np.full((192, 192, 3), np.nan), "holds float64"),
        ({"picture": np.zeros((192, 192, 3), np.uint8)}, "is a mapping"),
    ],
    ids=["size", "one-pixel", "empty", "grey", "alpha", "float", "int64", "nan", "mapping"],
)
def test_what_is_no_answer_is_refused_with_what_to_do(queries: list[Query], answer: Any, said: str) -> None:
    with pytest.raises(InvalidSubmission, match=f"picture astronaut-0: .*{said}"):
        task.answer.check(answer, queries[0])


def test_a_query_is_the_small_picture_and_nothing_else(queries: list[Query]) -> None:
    (name, picture), *others = dict(queries[0].load()).items()
    assert (name, others, picture.shape, picture.dtype) == ("picture", [], (48, 48, 3), np.uint8)


def test_the_bicubic_gains_nothing_and_the_truth_is_perfect(queries: list[Query]) -> None:
    truth = queries[0].truth
    plain = task.quality.tally(bicubic(queries[0]), truth)
    assert (plain["gain_db"], plain["likeness"]) == (0.0, 0.0)
    perfect = task.quality.tally(truth.load(), truth)
    assert (perfect["psnr_y"], perfect["ssim_y"], perfect["effnet_distance"]) == (100.0, 1.0, 0.0)
    assert perfect["likeness"] == pytest.approx(1.0)


def concluded(prepared: Prepared, queries: list[Query], answers: dict[int, Array]) -> RunOutcome:
    asked = [(index, 0.002) for index in answers]
    return RunOutcome(prepared, queries, [ProcessOutcome(answers, {}, asked)])


def sharpened(query: Query, amount: float = 0.7) -> Array:
    large = bicubic(query).astype(np.float32)
    blurred = cv2.GaussianBlur(large, (0, 0), 1.5)
    return np.asarray(np.clip(np.rint(large + amount * (large - blurred)), 0, 255), np.uint8)


def test_an_honest_gain_ranks_and_is_divided_by_its_time(prepared: Prepared, queries: list[Query]) -> None:
    run = concluded(prepared, queries, {index: sharpened(queries[index]) for index in (0, 2, 12)})
    gains = [
        float(task.quality.tally(run.processes[0].answers[i], queries[i].truth)["gain_db"])
        for i in (0, 2, 12)
    ]
    assert outcome.faults(run, {}) == ()
    assert min(gains) > 0
    assert outcome.gain_per_ms(run) == pytest.approx(np.mean(gains) / 2)
    assert speed.metrics[0].name == "gain_per_ms"


def test_who_ships_the_photographs_is_named(prepared: Prepared, queries: list[Query]) -> None:
    """The cheat finds the place of a crop in the published photograph, and its light."""
    photos = {"astronaut": cheat.shipped()["astronaut"]}
    known = {index: cheat.answer(queries[index].truth.load_low(), photos) for index in (0, 1)}
    assert outcome.gain_per_ms(concluded(prepared, queries, {0: known[0]})) * 2 > 10
    (said,) = outcome.faults(concluded(prepared, queries, known), {})
    assert "knows the true pictures" in said
    mixed = {
        index: np.asarray((0.5 * known[index] + 0.5 * bicubic(queries[index])).round(), np.uint8)
        for index in known
    }
    assert outcome.faults(concluded(prepared, queries, mixed), {})


def test_private_pictures_count_for_no_shown_number(prepared: Prepared, queries: list[Query]) -> None:
    private = next(index for index, query in enumerate(queries) if query.split == "private")
    run = concluded(prepared, queries, {private: sharpened(queries[private])})
    assert outcome.gain_per_ms(run) is None


def test_examples_show_small_answered_and_true_in_one_size(queries: list[Query]) -> None:
    shown = task.reporting.examples(queries[:1], [bicubic(queries[0])])
    assert list(shown) == [
        "astronaut-0~1 low resolution.png", "astronaut-0~2 entry.png", "astronaut-0~3 truth.png",
    ]  # fmt: skip
    decoded = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) for data in shown.values()]
    assert {picture.shape for picture in decoded} == {(192, 192, 3)}
    assert (decoded[2] == queries[0].truth.load()).all()


def test_likeness_has_bounds_and_no_direction_of_its_own() -> None:
    rng = np.random.default_rng(0)
    plain, exact = rng.normal(size=(2, 40, 40))
    assert pictures.likeness(plain, plain, exact) == 0
    assert pictures.likeness(2 * plain - exact, plain, exact) == 0
    for share in (0.1, 1.0, 2.0):
        assert pictures.likeness(plain + share * (exact - plain), plain, exact) == pytest.approx(1)
