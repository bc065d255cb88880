"""Find crown-of-thorns starfish in underwater video, frame by frame.

After the TensorFlow Great Barrier Reef challenge (TensorFlow and CSIRO on Kaggle, 2021; Liu et al.,
"The CSIRO Crown-of-Thorn Starfish Detection Dataset", arXiv 2111.14311).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.reef import reef
from harness.interactions import Independent
from harness.spec import Execution, Limits, Positives, Prepared, ProcessCounts, Query, Reporting, Task
from tasks.metrics import detection

if TYPE_CHECKING:
    from datasets.reef.layout import TestFrame
    from harness.spec import Arrays


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return the test frames, by video, sequence and frame; ``truth`` is float64 ``(m, 4)``."""
    from datasets.reef import layout

    return [
        Query(
            id=frame.image_id,
            cluster=f"{frame.video_id}-{frame.sequence}",
            split=frame.split,
            load=partial(load, prepared.private / "test_images" / frame.image, frame),
            truth=frame.boxes,
        )
        for frame in layout.read(prepared.private / "test.csv", layout.TestFrame)
    ]


def load(image: Path, frame: TestFrame) -> Arrays:
    """Return what a model is handed: ``frame`` uint8 RGB ``(height, width, 3)`` and where it was taken."""
    from datasets.reef.photo import decode

    return {
        "frame": decode(image),
        "video_id": np.asarray(frame.video_id, np.int64),
        "sequence": np.asarray(frame.sequence, np.int64),
        "sequence_frame": np.asarray(frame.sequence_frame, np.int64),
    }


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures of a few frames, with true and found boxes."""
    from tasks.cots.examples import draw

    return draw(queries, answers)


task = Task(
    name="cots",
    version=1,
    title="Crown-of-thorns starfish detection",
    description=(
        "Find every starfish in frames of reef video, one at a time and in order, so that a tracker may "
        "keep state. A query has x['frame'], uint8 RGB (height, width, 3), and the numbers x['video_id'], "
        "x['sequence'] and x['sequence_frame']. An answer is an array (n, 5): confidence x y width height, "
        "in pixels."
    ),
    dataset=reef,
    queries=queries,
    answer=detection.ANSWER,
    quality=replace(detection.QUALITY, positives=Positives("starfish", detection.true_boxes)),
    interaction=Independent(ordered=True),
    execution=Execution(
        reference="blob",
        processes=ProcessCounts(ranked=8, quick=3, rounds=3),
        limits=Limits(build_s=120, query_s=5, memory_mb=4096, query_mb=64),
        params={"classes": ["cots"], "answer": "confidence x y width height"},
    ),
    reporting=Reporting(examples=examples),
)
