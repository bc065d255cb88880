"""Turn a query's arrays into a bare model's inputs, and its outputs into an answer.

Inputs go by name where the names match, and those without a name by their place; a model with one input takes
the first array of the query. A missing batch axis is added and taken off the outputs again. Numbers are cast,
never scaled. One output is the answer; several are a mapping by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Input:
    """One input of a model: its name, dtype, and how many axes it has with the batch's.

    Without a name it takes the array at its place in the query. ``dtype`` None takes numbers as they are.
    ``sizes`` are those of its axes, None where any will do; without them all will.
    """

    name: str
    dtype: Any
    axes: int
    sizes: tuple[int | None, ...] = ()


def fit(x: Any, inputs: Sequence[Input]) -> tuple[list[Any], bool]:
    """Return the arrays in the order of the inputs, and whether a batch axis was added.

    Raises ValueError where an input finds no array.
    """
    named = dict(x) if isinstance(x, Mapping) else {"": x}
    added = False
    arrays = []
    for place, needed in enumerate(inputs):
        array = pick(named, needed.name, place, len(inputs))
        if array.ndim == needed.axes - 1:
            array, added = array[None], True
        if array.ndim != needed.axes:
            raise ValueError(
                f"the model's input '{needed.name}' has {needed.axes} axes, the query's array {array.ndim}: "
                "reshape it in the model, or in a submission.py that loads it"
            )
        if any(size not in {None, given} for size, given in zip(needed.sizes, array.shape, strict=False)):
            raise ValueError(other_size(needed.name, needed.sizes, array.shape))
        arrays.append(array if needed.dtype is None else array.astype(needed.dtype, copy=False))
    return arrays, added


def pick(named: Mapping[str, Any], name: str, place: int, count: int) -> Any:
    """Return the array of a query for one of ``count`` inputs. Raises ValueError where there is none."""
    if name and name in named:
        return np.asarray(named[name])
    if count == 1 or (not name and place < len(named)):
        return np.asarray(list(named.values())[place])
    raise ValueError(f"the model's input '{name or place}' is not in the query ({', '.join(named)})")


def other_size(name: str, taken: Sequence[int | None], given: Sequence[int]) -> str:
    """Say that a model does not take arrays of the query's size, and what to change."""
    sizes = ", ".join("any" if size is None else str(size) for size in taken)
    return (
        f"the model's input '{name}' takes arrays of ({sizes}) and the query's has {tuple(given)}: "
        + _cure(taken, given)
    )


def _cure(taken: Sequence[int | None], given: Sequence[int]) -> str:
    fits = [size in {None, there} for size, there in zip(taken, given, strict=True)]
    if len(taken) == 4 and taken[1] in {1, 3, 4} and taken[1] == given[3] != taken[3]:
        return "begin the model with a transposition, for the query's channels come last"
    if len(taken) > 1 and given[0] == 1 and not fits[0] and all(fits[1:]):
        return "export it for a batch of one, which is its first axis, or of any size"
    return (
        "begin the model with a resizing layer, export it for any size, or resize in a submission.py that "
        "loads it"
    )


def named(outputs: Any) -> dict[str, Any]:
    """Name the outputs of a model that returns one array, a sequence of them or a mapping."""
    if isinstance(outputs, Mapping):
        return {str(name): value for name, value in outputs.items()}
    if isinstance(outputs, list | tuple):
        return {f"output_{place}": value for place, value in enumerate(outputs)}
    return {"output": outputs}


def answer(outputs: Mapping[str, Any], batched: bool) -> Any:
    """Turn named outputs into an answer, without the batch axis where one was added.

    Raises ValueError where there is none, or an output has no axis for the one answer of such a batch.
    """
    if not outputs:
        raise ValueError("the model has no outputs; export it with what it computes")
    plain = {name: _unbatched(name, np.asarray(value), batched) for name, value in outputs.items()}
    return next(iter(plain.values())) if len(plain) == 1 else plain


def _unbatched(name: str, value: Any, batched: bool) -> Any:
    if not batched:
        return value
    if value.shape[:1] != (1,):
        raise ValueError(
            f"the model's output '{name}' has the shape {value.shape} for a batch of one: "
            "give it a first axis of 1"
        )
    return value[0]
