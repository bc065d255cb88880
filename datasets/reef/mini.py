"""Render the variant ``mini`` in Kaggle's layout: the same seed gives the same bytes."""

from __future__ import annotations

import csv
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from datasets.reef.render import jpeg, render
from datasets.reef.schedule import schedule
from harness.spec import Progress, no_progress

COLUMNS = ("video_id", "sequence", "video_frame", "sequence_frame", "image_id", "annotations")


def generate(folder: Path, seed: int, progress: Progress = no_progress) -> None:
    """Render every sequence into ``folder``: ``train.csv`` and ``train_images/video_N/FRAME.jpg``.

    There is one process per core and each renders whole sequences, so their number does not change the
    result. An interrupt ends them.
    """
    scenes = schedule(seed)
    for video in {scene.video for scene in scenes}:
        (folder / "train_images" / f"video_{video}").mkdir(parents=True)
    spawning = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        len(os.sched_getaffinity(0)), spawning, initializer=_leave_interrupts_to_parent
    )
    try:
        finished = [pool.submit(render_sequence, folder, seed, index) for index in range(len(scenes))]
        for done, future in enumerate(finished):
            progress("rendering reef sequences", done, len(scenes))
            future.result()
    except BaseException:
        for worker in (pool._processes or {}).values():
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    with (folder / "train.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for scene in scenes:
            for frame in range(scene.frames):
                number = scene.first_frame + frame
                image = f"{scene.video}-{number}"
                writer.writerow([scene.video, scene.sequence, number, frame, image, scene.boxes(frame)])


def render_sequence(folder: Path, seed: int, index: int) -> None:
    """Render one sequence of the schedule and write its frames."""
    scene = schedule(seed)[index]
    images = folder / "train_images" / f"video_{scene.video}"
    for frame, picture in enumerate(render(scene)):
        (images / f"{scene.first_frame + frame}.jpg").write_bytes(jpeg(picture))


def _leave_interrupts_to_parent() -> None:
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
