"""A query's arrays become a model's inputs and its outputs an answer, or an error says what to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from harness.host.fitting import Input, answer, fit, named, other_size

PICTURE = np.zeros((12, 10, 3), np.uint8)


def frame(*sizes: int | None) -> list[Input]:
    return [Input("frame", np.float32, len(sizes), sizes)]


@pytest.mark.parametrize(
    ("sizes", "batched"),
    [
        ((1, 12, 10, 3), True),
        ((None, None, None, 3), True),
        ((12, 10, 3), False),
        ((None, None, None), False),
    ],
)
def test_a_batch_axis_is_added_where_the_model_has_one(sizes: tuple[int | None, ...], batched: bool) -> None:
    (array,), added = fit({"frame": PICTURE}, frame(*sizes))
    assert array.dtype == np.float32
    assert array.shape == ((1, 12, 10, 3) if batched else (12, 10, 3))
    assert added is batched


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((1, 256, 256, 3), r"\(1, 256, 256, 3\) and the query's has \(1, 12, 10, 3\): begin.*resizing layer"),
        (
            (256, 256, 3),
            r"takes arrays of \(256, 256, 3\) and the query's has \(12, 10, 3\): begin.*resizing",
        ),
        ((8, 12, 10, 3), r"export it for a batch of one, which is its first axis"),
        ((1, 3, 256, 256), "begin the model with a transposition, for the query's channels come last"),
        ((None, 3, None, None), "begin the model with a transposition"),
        ((1, 360), r"has 2 axes, the query's array 3: reshape it in the model, or in a submission.py"),
    ],
)
def test_a_query_of_another_shape_says_what_to_change(sizes: tuple[int | None, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        fit({"frame": PICTURE}, frame(*sizes))


def test_a_single_axis_is_no_batch() -> None:
    assert "begin the model with a resizing layer" in other_size("x", [4], (6,))


@pytest.mark.parametrize(
    ("names", "places"), [(("b", "a"), (1, 0)), (("", ""), (0, 1)), (("any",), (0,)), (("", "b"), (0, 1))]
)
def test_inputs_go_by_name_or_by_place(names: Sequence[str], places: Sequence[int]) -> None:
    query = {"a": np.full(2, 0), "b": np.full(2, 1)}
    arrays, _ = fit(query, [Input(name, None, 1) for name in names])
    assert [int(array[0]) for array in arrays] == list(places)


def test_an_input_that_is_not_in_the_query_is_named() -> None:
    with pytest.raises(ValueError, match=r"input 'c' is not in the query \(a, b\)"):
        fit({"a": np.zeros(2), "b": np.zeros(2)}, [Input("a", None, 1), Input("c", None, 1)])
    with pytest.raises(ValueError, match=r"input '1' is not in the query"):
        fit(np.zeros(2), [Input("", None, 1), Input("", None, 1)])


def test_numbers_are_cast_only_where_the_model_says_to_what() -> None:
    given = np.arange(3, dtype=np.int16)
    assert fit(given, [Input("x", None, 1)])[0][0].dtype == np.int16
    assert fit(given, [Input("x", np.float64, 1)])[0][0].dtype == np.float64


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        (np.zeros(2), ["output"]),
        ((np.zeros(2), np.ones(2)), ["output_0", "output_1"]),
        ({"boxes": np.zeros(2), 1: np.ones(2)}, ["boxes", "1"]),
    ],
)
def test_outputs_have_names(outputs: Any, names: Sequence[str]) -> None:
    assert list(named(outputs)) == names


def test_an_answer_has_no_batch_axis_where_one_was_added() -> None:
    assert answer({"y": np.ones((1, 5))}, True).shape == (5,)
    assert answer({"y": np.ones((1, 5))}, False).shape == (1, 5)
    assert set(answer({"y": np.ones((1, 5)), "z": np.ones((1,))}, True)) == {"y", "z"}


def test_a_model_without_outputs_gives_no_answer() -> None:
    with pytest.raises(ValueError, match="the model has no outputs"):
        answer(named([]), False)


@pytest.mark.parametrize("shape", [(), (7, 5), (0, 5)])
def test_an_output_without_a_batch_axis_is_no_answer_to_a_batch(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"output 'boxes' has the shape .* give it a first axis of 1"):
        answer({"boxes": np.ones(shape)}, True)
