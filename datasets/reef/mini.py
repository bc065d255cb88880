"""Render the variant ``mini`` in Kaggle's layout: the same seed gives the same bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import cv2

from datasets.reef.render import jpeg, render
from datasets.reef.schedule import schedule
from harness.fanning import Fan, fanned
from harness.spec import Progress, no_progress

COLUMNS = ("video_id", "sequence", "video_frame", "sequence_frame", "image_id", "annotations")


def generate(folder: Path, seed: int, progress: Progress = no_progress, fan: Fan = fanned) -> None:
    """Render every sequence into ``folder``: ``train.csv`` and ``train_images/video_N/FRAME.jpg``.

    Whole sequences are rendered wherever ``fan`` has them rendered, which does not change the result.
    """
    scenes = schedule(seed)
    for video in {scene.video for scene in scenes}:
        (folder / "train_images" / f"video_{video}").mkdir(parents=True)
    rendered = fan(render_sequence, [(seed, index) for index in range(len(scenes))])
    for done, (scene, data) in enumerate(zip(scenes, rendered, strict=True)):
        progress("rendering reef sequences", done, len(scenes))
        images = folder / "train_images" / f"video_{scene.video}"
        for frame, picture in enumerate(frames_of(data)):
            (images / f"{scene.first_frame + frame}.jpg").write_bytes(picture)
    with (folder / "train.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for scene in scenes:
            for frame in range(scene.frames):
                number = scene.first_frame + frame
                image = f"{scene.video}-{number}"
                writer.writerow([scene.video, scene.sequence, number, frame, image, scene.boxes(frame)])


def render_sequence(asked: tuple[int, int]) -> bytes:
    """Render one sequence of the schedule, asked for by seed and index; ``frames_of`` takes it apart."""
    seed, index = asked
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # other cores have sequences of their own
    try:
        frames = [jpeg(picture) for picture in render(schedule(seed)[index])]
    finally:
        cv2.setNumThreads(threads)
    return json.dumps([len(frame) for frame in frames]).encode() + b"\n" + b"".join(frames)


def frames_of(data: bytes) -> Sequence[bytes]:
    """Return the frames of a rendered sequence, as JPEG."""
    lengths, _, rest = data.partition(b"\n")
    frames = []
    for length in json.loads(lengths):
        frames.append(rest[:length])
        rest = rest[length:]
    return frames
