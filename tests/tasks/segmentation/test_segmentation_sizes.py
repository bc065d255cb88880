"""Photographs as people have them: each of another size, up to 8K, in every scenario."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest

from harness.evaluate import EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission
from harness.measurement.run_plan import RunSetup
from harness.record import Record
from harness.sandbox import choose
from harness.spec import PROFILES, DataRequest, Places, Scenario
from tasks.segmentation.task import task
from tests.datasets import people_folder

SMALL = [(120 + 7 * number, 90 + 5 * number) for number in range(20)]
ORDINARY = [(1400 + 25 * number, 1000 + 10 * number) for number in range(9)]
"""Three of them fit into 16 MB, and their masks do not."""
LARGE = [(3840, 2160), (7680, 4320)]


def photographs(folder: Path, sizes: list[tuple[int, int]]) -> Path:
    """Write one photograph of each (width, height), a bright person before a dark wall."""
    images, annotations = [], []
    (folder / "val2017").mkdir(parents=True)
    for number, (width, height) in enumerate(sizes, start=1):
        images.append(people_folder.image(number, width, height))
        x, y = width / 4, height / 5
        corners = [x, y, 3 * x, y, 3 * x, height, x, height]
        annotations.append(people_folder.person(number, [corners]))
        photo = np.full((height, width, 3), 30, np.uint8)
        photo[int(y) :, int(x) : int(3 * x)] = (140, 170, 220)
        cv2.imwrite(str(folder / "val2017" / f"{number:012}.jpg"), photo)
    return people_folder.write(folder, images, annotations)


def run(folder: Path, sizes: list[tuple[int, int]], scenario: Scenario) -> Record:
    """Measure the reference against itself, quickly."""
    places = Places.under(folder / "home")
    source = photographs(folder / "coco", sizes)
    prepared = task.dataset.prepare(DataRequest("full", places.data, source))
    setup = RunSetup(
        task, prepared, PROFILES["cpu"], choose(), places.host_log, scenario=scenario, quick=True
    )
    entry = find_submission(task, task.execution.reference, places)
    return evaluate_job(EvaluationJob(setup, entry, entry, places.records)).record


@pytest.mark.parametrize(
    ("sizes", "scenario"),
    [
        (ORDINARY, "offline"),
        *(pytest.param(SMALL, scenario, marks=pytest.mark.slow) for scenario in get_args(Scenario)),
        *(
            pytest.param([*SMALL[:4], *LARGE], scenario, marks=pytest.mark.slow)
            for scenario in ("single_stream", "offline")
        ),
    ],
)
@pytest.mark.slow
def test_photographs_of_every_size_are_measured(
    tmp_path: Path, sizes: list[tuple[int, int]], scenario: Scenario
) -> None:
    record = run(tmp_path, sizes, scenario)
    assert record.status == "ok", record.message
    iou = record.metrics["mean_iou"].value
    assert iou is not None
    assert iou > 0.3
    assert record.metrics["pipelined_qps"].value
