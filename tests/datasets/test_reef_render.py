"""The rendered reef: the same bytes for the same seed, and the real set's statistics in its boxes."""

from __future__ import annotations

import numpy as np
import pytest

from datasets.reef.camera import HEIGHT, WIDTH
from datasets.reef.mini import frames_of, render_sequence
from datasets.reef.render import render
from datasets.reef.scene import Scene
from datasets.reef.schedule import schedule


@pytest.fixture(scope="module")
def scenes() -> tuple[Scene, ...]:
    return schedule(0)


def test_annotations_have_the_real_sets_statistics(scenes: tuple[Scene, ...]) -> None:
    frames = [scene.boxes(frame) for scene in scenes for frame in range(scene.frames)]
    boxes = [box for found in frames for box in found]
    assert 700 < len(frames) < 900
    # The tests hold more than their share, so that there are enough sequences with starfish.
    training = [scene.boxes(frame) for scene in scenes if scene.video == 0 for frame in range(scene.frames)]
    assert 0.15 < sum(bool(found) for found in training) / len(training) < 0.27
    assert 10 <= max(map(len, frames)) <= 18
    assert 38 < np.median([box["width"] for box in boxes]) < 58
    assert 32 < np.median([box["height"] for box in boxes]) < 52
    past = [
        b
        for b in boxes
        if b["x"] < 0 or b["y"] < 0 or b["x"] + b["width"] > WIDTH or b["y"] + b["height"] > HEIGHT
    ]
    assert 0 < len(past) < 0.2 * len(boxes)


def test_starfish_persist_and_drift(scenes: tuple[Scene, ...]) -> None:
    scene = next(scene for scene in scenes if scene.starfish)
    shown = [frame for frame in range(scene.frames) if scene.boxes(frame)]
    assert len(shown) >= 8
    assert shown == list(range(shown[0], shown[-1] + 1))
    first, last = scene.boxes(shown[0])[0], scene.boxes(shown[1])[0]
    assert abs(first["x"] - last["x"]) + abs(first["y"] - last["y"]) > 0


def test_both_tests_hold_at_least_24_sequences_with_starfish(scenes: tuple[Scene, ...]) -> None:
    rich = [[scene for scene in scenes if scene.video == video and scene.starfish] for video in range(3)]
    assert [len(one) for one in rich] == [6, 24, 24]
    assert all(any(scene.boxes(frame) for frame in range(scene.frames)) for one in rich for scene in one)
    crowds = [sorted(len(scene.starfish) for scene in one) for one in rich[1:]]
    assert [sum(crowd) > 100 for crowd in crowds] == [True, True]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    scenes: tuple[Scene, ...],
) -> None:
    index = next(i for i, scene in enumerate(scenes) if scene.starfish)
    one, two = (render_sequence((0, index)) for _ in range(2))
    frames = frames_of(one)
    assert len(frames) == scenes[index].frames
    assert all(frame.startswith(b"\xff\xd8") and frame.endswith(b"\xff\xd9") for frame in frames)
    assert one == two
    assert (
        schedule(1)[index].boxes(0) != scenes[index].boxes(0) or schedule(1)[index].seed != scenes[index].seed
    )


def test_boxes_lie_where_the_starfish_are_painted(scenes: tuple[Scene, ...]) -> None:
    from dataclasses import replace

    scene = next(scene for scene in scenes if scene.starfish)
    frame = next(frame for frame in range(scene.frames) if len(scene.boxes(frame)) >= 1)
    short = replace(scene, camera=replace(scene.camera, poses=scene.camera.poses[: frame + 1]))
    painted = list(render(short))[frame].astype(np.int16)
    bare = list(render(replace(short, starfish=())))[frame].astype(np.int16)
    changed = np.abs(painted - bare).max(axis=2) > 24
    inside = np.zeros_like(changed)
    for box in scene.boxes(frame):
        top, left = max(box["y"] - 8, 0), max(box["x"] - 8, 0)
        inside[top : box["y"] + box["height"] + 8, left : box["x"] + box["width"] + 8] = True
        own = changed[max(box["y"], 0) : box["y"] + box["height"], max(box["x"], 0) : box["x"] + box["width"]]
        assert own.mean() > 0.25
    assert changed[~inside].mean() < 0.02
