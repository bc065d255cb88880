"""Tell people from background, frame by frame, as fast as a video call needs it.

After TensorFlow.js's and MediaPipe's body segmentation (2022): Selfie Segmentation and BlazePose GHUM,
compared by FPS and IoU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from datasets.people import people
from harness.interactions import Independent
from harness.spec import (
    BoardOptions,
    Execution,
    Limits,
    Prepared,
    ProcessCounts,
    Query,
    Reporting,
    Task,
    profiles_of_every_task,
)
from tasks.metrics import masks

if TYPE_CHECKING:
    from pathlib import Path

    from harness.spec import Arrays


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return the frames, clip by clip and in order; ``truth`` is a ``masks.Truth``."""
    from datasets.people import frames

    rows = frames.read_table(prepared.private)
    groups = sorted({row.group for row in rows})
    return [
        Query(
            id=row.id,
            cluster=row.clip,
            split="public",
            load=partial(load, prepared.private / "images" / row.image),
            truth=masks.Truth(
                (row.height, row.width),
                groups.index(row.group),
                len(groups),
                partial(frames.read_mask, prepared.private, row.id),
            ),
        )
        for row in rows
    ]


def load(image: Path) -> Arrays:
    """Return what a model is handed: ``frame`` uint8 RGB ``(height, width, 3)``."""
    from datasets.people.frames import read_image

    return {"frame": read_image(image)}


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures of a few frames, with the true outline and the entry's mask."""
    from tasks.segmentation.examples import draw

    return draw(queries, answers)


task = Task(
    name="segmentation",
    version=1,
    title="Person segmentation",
    description=(
        "Mask the people in each frame. Frames come one at a time and clip by clip, so that a model may keep "
        "state; sizes differ. An answer is an array (height, width), float32 in [0, 1]: the probability that "
        "a pixel shows a person; above one half counts as one."
    ),
    dataset=people,
    queries=queries,
    answer=masks.ANSWER,
    quality=masks.QUALITY,
    interaction=Independent(ordered=True),
    execution=Execution(
        reference="colours",
        limits=Limits(build_s=60, query_s=120, memory_mb=2048, query_mb=64, answer_mb=64),
        processes=ProcessCounts(ranked=6, quick=3, rounds=1),
        profiles=(*profiles_of_every_task(), "browser"),
        params={"classes": ["person"], "answer": "float32 (height, width) in [0, 1]"},
    ),
    reporting=Reporting(
        examples=examples,
        pipelined=True,
        board=BoardOptions(
            runtimes={
                "_mediapipe": "MediaPipe",
                "_tfjs_wasm": "TF.js WASM",
                "_tfjs_webgl": "TF.js WebGL",
            }
        ),
    ),
)
