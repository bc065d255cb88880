"""Turn a query's arrays into a bare model's inputs, and its outputs into an answer.

Inputs go by name where the names match; a model with one input takes the first array of the query.
A missing batch axis is added and taken off the outputs again. Numbers are cast, never scaled.
One output is the answer; several are a mapping by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Input:
    """One input of a model: its name, dtype, and how many axes it has with the batch's.

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
    for needed in inputs:
        if needed.name in named:
            array = np.asarray(named[needed.name])
        elif len(inputs) == 1:
            array = np.asarray(next(iter(named.values())))
        else:
            raise ValueError(f"the model's input '{needed.name}' is not in the query ({', '.join(named)})")
        if array.ndim == needed.axes - 1:
            array, added = array[None], True
        if array.ndim != needed.axes:
            raise ValueError(
                f"the model's input '{needed.name}' has {needed.axes} axes, the query's array {array.ndim}"
            )
        if any(size not in {None, given} for size, given in zip(needed.sizes, array.shape, strict=False)):
            raise ValueError(other_size(needed.name, needed.sizes, array.shape))
        arrays.append(array.astype(needed.dtype, copy=False))
    return arrays, added


def other_size(name: str, taken: Sequence[int | None], given: Sequence[int]) -> str:
    """Say that a model does not take arrays of the query's size, and what to change."""
    sizes = ", ".join("any" if size is None else str(size) for size in taken)
    return (
        f"the model's input '{name}' takes arrays of ({sizes}) and the query's has {tuple(given)}: begin the "
        "model with a resizing layer, export it for any size, or resize in a submission.py that loads it"
    )


def answer(outputs: Mapping[str, Any], batched: bool) -> Any:
    """Turn named outputs into an answer, without the batch axis where one was added."""
    plain = {name: np.asarray(value)[0] if batched else np.asarray(value) for name, value in outputs.items()}
    return next(iter(plain.values())) if len(plain) == 1 else plain
