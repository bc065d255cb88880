"""Read and validate reef frames in Kaggle's layout.

    train.csv                           video_id, sequence, video_frame, sequence_frame, image_id, annotations
    train_images/video_N/FRAME.jpg      image_id is "N-FRAME"

``annotations`` is a Python list of ``{'x', 'y', 'width', 'height'}`` in pixels; boxes may reach past the
edge.
"""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, ValidationError

from harness.spec import Split
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

LONGEST_ANNOTATIONS = 200_000


class Box(BaseModel):
    """One starfish, in pixels of the frame, its corner at the top left."""

    model_config = ConfigDict(frozen=True, strict=True)
    x: FiniteFloat
    y: FiniteFloat
    width: FiniteFloat = Field(gt=0)
    height: FiniteFloat = Field(gt=0)


def _literal(text: Any) -> Any:
    """Evaluate a Python literal and nothing but a literal."""
    if not isinstance(text, str) or len(text) > LONGEST_ANNOTATIONS:
        raise ValueError("no list of boxes")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError("no Python list of {'x', 'y', 'width', 'height'}") from None


Number = Annotated[int, Field(ge=0, lt=2**63)]


class Frame(BaseModel):
    """One row of ``train.csv``."""

    model_config = ConfigDict(frozen=True)
    video_id: Number
    sequence: Number
    video_frame: Number
    sequence_frame: Number
    image_id: str
    annotations: Annotated[tuple[Box, ...], BeforeValidator(_literal)]

    @property
    def boxes(self) -> Array:
        """The annotations as float64 ``(m, 4)``: x, y, width, height."""
        return np.array([(b.x, b.y, b.width, b.height) for b in self.annotations], np.float64).reshape(-1, 4)

    @property
    def sort_key(self) -> tuple[int, int, int]:
        """Sorts frames by the order in which they were taken."""
        return self.video_id, self.sequence, self.video_frame

    @property
    def image(self) -> str:
        """The path of its image, relative to the folder of images."""
        return f"video_{self.video_id}/{self.video_frame}.jpg"


class TestFrame(Frame):
    """One row of the private ``test.csv``."""

    __test__ = False  # pytest takes the name for that of a test
    split: Split


FrameKind = TypeVar("FrameKind", bound=Frame)


def read(path: Path, kind: type[FrameKind]) -> list[FrameKind]:
    """Return the rows of a table, ordered by video, sequence and frame. Raises BadData, naming the line."""
    return list(validate(path, read_table(path, kind), kind).values())


def read_table(path: Path, kind: type[Frame]) -> pd.DataFrame:
    """Return the columns of ``kind`` as text; i in the index is line i + 2 of the file. Raises BadData."""
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            table = pd.read_csv(
                path,
                dtype=str,
                index_col=False,
                keep_default_na=False,
                skip_blank_lines=False,
                encoding="utf-8-sig",
            )
    except FileNotFoundError:
        raise BadData(f"{path.parent} has no {path.name}") from None
    # The parser's own errors are ValueErrors; its warning: every row has more fields than the header.
    except (OSError, ValueError, pd.errors.ParserWarning) as error:
        raise BadData(f"{path} cannot be read as a CSV table: {' '.join(str(error).split())}") from None
    if missing := [name for name in kind.model_fields if name not in table.columns]:
        raise BadData(f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}")
    table = table[list(kind.model_fields)]
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise BadData(f"{path} has no rows")
    return table


def validate(path: Path, table: pd.DataFrame, kind: type[FrameKind]) -> dict[int, FrameKind]:
    """Return index of the table -> frame, ordered by video, sequence and frame. Raises BadData."""
    frames: dict[int, FrameKind] = {}
    lines: dict[str, int] = {}
    for index, values in zip(table.index, table.to_dict("records"), strict=True):
        line = index + 2
        try:
            frame = kind.model_validate(values)
        except ValidationError as errors:
            raise BadData(f"{path}, line {line}: {_first(errors)}") from None
        if frame.image_id != (expected := f"{frame.video_id}-{frame.video_frame}"):
            raise BadData(f"{path}, line {line}: image_id is '{frame.image_id}', should be '{expected}'")
        if expected in lines:
            raise BadData(f"{path}, line {line}: image_id {expected} is already in line {lines[expected]}")
        lines[expected] = line
        frames[index] = frame
    return dict(sorted(frames.items(), key=lambda item: item[1].sort_key))


def _first(errors: ValidationError) -> str:
    """Return the first error of a row, in one line."""
    error = errors.errors(include_url=False, include_context=False)[0]
    where = " ".join(str(step) for step in error["loc"])
    got = repr(error["input"])
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message} (got {got if len(got) <= 60 else got[:57] + '...'})"
