"""The shipped entries, run in the worker's Python on real photographs and on the portraits."""

from __future__ import annotations

import json
import subprocess
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands.home import places
from datasets.people import mini
from harness.intake.lookup import find_submission
from harness.session.worker import worker
from harness.spec import DataRequest, Query
from harness.spec.errors import NotAvailable
from tasks.segmentation.task import task
from tests.datasets import people_folder

Array = np.ndarray[Any, np.dtype[Any]]
RUN = """
import importlib.util, json, pathlib, sys, types
import numpy as np
sys.path.append(sys.argv[1])
spec = importlib.util.spec_from_file_location("submission", sys.argv[1] + "/submission.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
model = module.build(types.SimpleNamespace(profile={"threads": 1}))
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.frame.npy")):
    np.save(str(path).replace(".frame.", ".mask."), model({"frame": np.load(path)}))
"""


def mean_iou(name: str, frames: list[tuple[Array, Array]], folder: Path) -> float:
    """Return an entry's mean IoU on frames (uint8 RGB) with their masks (bool), in order."""
    try:
        entry = find_submission(task, name, places()).path
    except NotAvailable as error:
        pytest.skip(str(error))
    for number, (frame, _) in enumerate(frames):
        np.save(folder / f"{number:04}.frame.npy", frame)
    command = [worker("tensorflow").python, "-c", RUN, entry, folder]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    ious = []
    for number, (_, true) in enumerate(frames):
        answer = np.load(folder / f"{number:04}.mask.npy")
        query = Query(str(number), "clip", "public", dict, truth_of(true))
        ious.append(task.quality.tally(task.answer.check(answer, query), query.truth)["iou"])
    return float(np.mean(ious))


def truth_of(mask: Array) -> Any:
    from tasks.metrics.masks import Truth

    return Truth(mask.shape, 0, 1, lambda: mask)


@pytest.fixture(scope="module")
def portraits() -> list[tuple[Array, Array]]:
    """The first frames of the portraits' ten clips."""
    clips = [clip for clip in mini.clips(call=False) if clip.portrait]
    return [pair for number, clip in enumerate(clips) for pair in islice(mini.film(clip, [0, number]), 5)]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Array, Array]]:
    folder = tmp_path_factory.mktemp("photographs")
    source = people_folder.from_check_data(folder / "coco")
    queries: Any = task.queries(task.dataset.prepare(DataRequest("full", folder / "cache", source)))
    return [(query.load()["frame"], query.truth.load()) for query in queries]


@pytest.mark.parametrize(
    ("name", "least"),
    [("selfie_general", 0.90), ("selfie_landscape", 0.90), ("blazepose_lite", 0.85), ("colours", 0.6)],
)
def test_portraits(name: str, least: float, portraits: list[tuple[Array, Array]], tmp_path: Path) -> None:
    assert mean_iou(name, portraits, tmp_path) > least


def test_the_tracker_loses_little(portraits: list[tuple[Array, Array]], tmp_path: Path) -> None:
    for name in ("selfie_general", "selfie_tracked"):
        (tmp_path / name).mkdir()
    plain, tracked = (
        mean_iou(name, portraits, tmp_path / name) for name in ("selfie_general", "selfie_tracked")
    )
    assert tracked > plain - 0.02


def test_real_photographs(photographs: list[tuple[Array, Array]], tmp_path: Path) -> None:
    found = {}
    for name in ("selfie_general", "selfie_landscape", "colours"):
        (tmp_path / name).mkdir()
        found[name] = mean_iou(name, photographs, tmp_path / name)
    print(json.dumps(found))
    assert 0.55 < found["selfie_general"] < 0.80
    assert found["colours"] < found["selfie_landscape"] < found["selfie_general"]
