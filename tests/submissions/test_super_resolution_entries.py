"""The super-resolution entries, run in the worker's Python on Set5 and on pictures of odd sizes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands.home import places
from datasets.photos.bicubic import resize
from datasets.photos.folder import read
from harness.intake.lookup import find_submission, inspect, shipped_names
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import browser, worker
from harness.spec import PROFILES
from harness.spec.errors import NotAvailable
from tasks.metrics import fidelity
from tasks.super_resolution.task import task

Array = np.ndarray[Any, np.dtype[Any]]
SET5 = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[3] / "shared" / "data")) / "set5"
RUN = """
import importlib.util, pathlib, sys, types
import numpy as np
path = pathlib.Path(sys.argv[1])
sys.path.append(str(path if path.is_dir() else path.parent))
spec = importlib.util.spec_from_file_location("submission", path / "submission.py" if path.is_dir() else path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
model = module.build(types.SimpleNamespace(profile={"threads": 1}, params={}))
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.npy")):
    np.save(path, model({"picture": np.load(path)}))
"""


def found(name: str) -> Path:
    try:
        return find_submission(task, name, places()).path
    except NotAvailable as error:
        pytest.skip(str(error))


def answers(name: str, pictures: list[Array], folder: Path) -> list[Array]:
    entry = found(name)
    for number, picture in enumerate(pictures):
        np.save(folder / f"{number:02}.npy", picture)
    command = [worker("tensorflow").python, "-c", RUN, entry, folder]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return [np.load(folder / f"{number:02}.npy") for number in range(len(pictures))]


def psnr(answer: Array, true: Array) -> float:
    mine, exact = (fidelity.cropped(fidelity.luma(picture), 4) for picture in (answer, true))
    return float(fidelity.psnr(fidelity.squared_error(mine, exact)))


@pytest.mark.parametrize("name", ["bicubic", "espcn"])
def test_odd_and_tiny_pictures_are_answered(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    asked = [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((1, 1), (8, 13), (31, 9))]
    for picture, answer in zip(asked, answers(name, asked, tmp_path), strict=True):
        assert answer.dtype == np.uint8
        assert answer.shape == (4 * picture.shape[0], 4 * picture.shape[1], 3)
        if name == "bicubic":
            frozen = resize(picture, *answer.shape[:2]).astype(int)
            assert np.abs(answer.astype(int) - frozen).max() <= 1


@pytest.mark.slow
@pytest.mark.skipif(not SET5.is_dir(), reason=f"Set5 is not at {SET5}")
@pytest.mark.parametrize(
    ("name", "decibels"),
    [
        ("nearest", 26.25), ("bicubic", 28.43), ("lanczos_sharp", 29.16), ("esrgan-slim", 28.64),
        ("esrgan-medium", 28.82), ("espcn", 30.46), ("self_ensemble", 30.65),
    ],
)  # fmt: skip
def test_set5(name: str, decibels: float, tmp_path: Path) -> None:
    true = [read(path) for path in sorted(SET5.glob("*.png"))]
    low = [resize(picture, picture.shape[0] // 4, picture.shape[1] // 4) for picture in true]
    measured = [psnr(*pair) for pair in zip(answers(name, low, tmp_path), true, strict=True)]
    assert np.mean(measured) == pytest.approx(decibels, abs=0.02)


def test_pages_are_entries_of_the_browser_alone() -> None:
    models = {f"esrgan-{size}" for size in ("slim", "medium")}
    pages = {f"{model}_tfjs_{backend}" for model in models for backend in ("wasm", "webgl")}
    assert set(shipped_names(task, PROFILES["browser"])) == pages
    assert models <= set(shipped_names(task, PROFILES["cpu"]))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["esrgan-slim_tfjs_wasm", "esrgan-slim_tfjs_webgl"])
def test_a_page_answers_as_the_same_model_in_python(name: str, tmp_path: Path) -> None:
    try:
        browser()
    except NotAvailable as error:
        pytest.skip(str(error))
    if choose(None).name != "bubblewrap":
        pytest.skip("only bubblewrap gives a browser a network of its own")
    entry = Path(shutil.copytree(found(name), tmp_path / name))
    picture = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    settings = ExecutionSettings(
        choose(None), PROFILES["browser"], task.execution.limits, entry, task.execution.params
    )
    with Session(settings, inspect(entry, task.execution.limits, tmp_path / "entries"), 0) as session:
        session.start()
        session.load()
        session.build()
        answer = session.answers(session.ask({"picture": picture}))[0]
    folder = tmp_path / "python"
    folder.mkdir()
    (same,) = answers(name.partition("_tfjs")[0], [picture], folder)
    assert answer.shape == same.shape == (96, 80, 3)
    assert np.abs(answer.astype(int) - same.astype(int)).max() <= 1
