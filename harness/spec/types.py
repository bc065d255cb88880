"""Type aliases that every room shares: arrays, JSON, progress callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Arrays: TypeAlias = "Array | Mapping[str, Array]"
Row: TypeAlias = "Mapping[str, Array | float]"
"""Additive statistics of one unit, by name."""
Table: TypeAlias = "Mapping[str, Array]"
"""Additive statistics of many units or resamples, by name; the leading axes are kept."""
Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
Goal = Literal["max", "min"]
Split = Literal["public", "private"]
Scenario = Literal["single_stream", "multi_stream", "offline", "server"]
Interval: TypeAlias = "tuple[float | None, float | None, float | None]"
"""A value, and the low and high end of its interval."""
Figures: TypeAlias = "Mapping[str, Interval]"
"""Metrics by name."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a title, how much is done and how much there is in all (0: not known)."""


def no_progress(what: str, done: int, total: int) -> None:
    """Ignore progress."""
