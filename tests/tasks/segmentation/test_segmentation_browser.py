"""The shipped pages in real Chromium on the portraits, and one that does not wait for its result."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from commands.home import places
from datasets.people import mini
from harness.intake.lookup import find_submission, inspect, shipped_names
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import browser
from harness.spec import PROFILES, Query
from harness.spec.errors import NotAvailable
from tasks.metrics.masks import Truth
from tasks.segmentation.task import task

Array = np.ndarray[Any, np.dtype[Any]]
WAITING = "const data = await mask.data();"
NOT_WAITING = """const data = new Uint8Array(height * width);
    mask.data().then((found) => data.set(found));
    return { data, shape: [height, width] };"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def needs_chromium() -> None:
    try:
        browser()
    except NotAvailable as error:
        pytest.skip(str(error))
    if choose(None).name != "bubblewrap":
        pytest.skip("only bubblewrap gives a browser a network of its own")


@pytest.fixture
def entry(tmp_path: Path) -> Callable[[str], Path]:
    """A shipped entry's folder, whole, as a copy."""

    def made(name: str) -> Path:
        try:
            whole = find_submission(task, name, places()).path
        except NotAvailable as error:
            pytest.skip(str(error))
        return Path(shutil.copytree(whole, tmp_path / name))

    return made


def mean_iou(entry: Path) -> float:
    """The mean IoU on the first frames of two clips, asked through the driver."""
    clips = [clip for clip in mini.clips(call=False) if clip.portrait][::6]
    pairs = [pair for number, clip in enumerate(clips) for pair in islice(mini.film(clip, [0, number]), 1)]
    with opened(entry) as session:
        return float(np.mean([iou(session, frame, true) for frame, true in pairs]))


@contextmanager
def opened(entry: Path) -> Iterator[Session]:
    """A session of an entry, built."""
    settings = ExecutionSettings(
        choose(None), PROFILES["browser"], task.execution.limits, entry, task.execution.params
    )
    with Session(settings, inspect(entry, task.execution.limits, entry.parent / "entries"), 0) as session:
        session.start()
        session.load()
        session.build()
        yield session


def iou(session: Session, frame: Array, true: Array) -> float:
    query = Query("frame", "clip", "public", dict, Truth(true.shape, 0, 1, lambda: true))  # type: ignore[arg-type]
    answer = session.answers(session.ask({"frame": frame}))[0]
    return float(task.quality.tally(task.answer.check(answer, query), query.truth)["iou"])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", shipped_names(task, PROFILES["browser"]))
def test_every_runtime_finds_the_people(name: str, entry: Callable[[str], Path]) -> None:
    assert mean_iou(entry(name)) > 0.9


@pytest.mark.parametrize("name", ["selfie_general_mediapipe", "selfie_landscape_mediapipe"])
def test_twenty_sizes_in_one_process_are_all_masked(name: str, entry: Callable[[str], Path]) -> None:
    (clip, *_) = [clip for clip in mini.clips(call=False) if clip.portrait]
    frame, true = next(iter(mini.film(clip, [0, 0])))
    sizes = [(200 + 13 * number, 320 - 7 * number) for number in range(20)]
    ious = []
    with opened(entry(name)) as session:
        for width, height in sizes:
            photo = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
            mask = cv2.resize(true.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
            ious.append(iou(session, photo, mask))
    assert min(ious) > 0.85, [round(value, 3) for value in ious]


def test_who_does_not_wait_for_the_result_is_scored_for_what_was_not_there(
    entry: Callable[[str], Path],
) -> None:
    """The demo that forgot to wait measured a promise. Here the timed answer is the scored one."""
    folder = entry("selfie_general_tfjs_wasm")
    source = (folder / "selfie.js").read_text()
    assert WAITING in source
    (folder / "selfie.js").write_text(source.replace(WAITING, NOT_WAITING))
    assert mean_iou(folder) < 0.1


def test_profiles_are_given_the_entries_they_can_run() -> None:
    pages = set(shipped_names(task, PROFILES["browser"]))
    others = set(shipped_names(task, PROFILES["cpu"]))
    assert not pages & others
    assert pages | others == set(shipped_names(task))
    assert {"selfie_general_mediapipe", "selfie_general_tfjs_wasm", "selfie_general_tfjs_webgl"} <= pages
    assert {"colours", "selfie_general"} <= others
