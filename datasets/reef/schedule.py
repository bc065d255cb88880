"""Draw every sequence of the rendered data set from its seed, before any of it is rendered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from datasets.reef.camera import HEIGHT, WIDTH, Camera, Pose
from datasets.reef.scene import Coral, Scene, Starfish
from datasets.streams import stream

if TYPE_CHECKING:
    from datasets.reef.camera import Floats

    Bools: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

CROWDS = ((2, 4), (3, 6), (1, 2), (12, 18))
"""Starfish in the sequences that hold any, in turn: the same mix in every video."""


@dataclass(frozen=True)
class Video:
    """How many sequences a video has, and of how many frames, at least and at most.

    ``rich`` of every ``cycle`` sequences in a row hold starfish, which are in view in a share of the frames
    that lies ``in_view``.
    """

    sequences: int
    frames: tuple[int, int]
    rich: int
    cycle: int
    in_view: tuple[float, float]


LONG = Video(15, (23, 29), 2, 5, (0.46, 0.64))
SHORT = Video(30, (8, 8), 4, 5, (0.46, 1.0))
VIDEOS = (LONG, SHORT, SHORT)
"""To train on, for the public test and for the private one.

Sequences are what resampling keeps together: a test needs many of them with starfish, and so they are short.
"""


@cache
def schedule(seed: int) -> tuple[Scene, ...]:
    """Return every sequence of the data set in order; crowds of a video follow each other in turn."""
    scenes: list[Scene] = []
    for number, video in enumerate(VIDEOS):
        frame = held = 0
        for within in range(video.sequences):
            index = len(scenes)
            rich = within * video.rich % video.cycle < video.rich
            crowd = CROWDS[held % len(CROWDS)] if rich else None
            held += rich
            rng = np.random.default_rng(stream(seed, index))
            scene = plan(rng, video, (number, index, frame), crowd)
            frame += scene.frames + 12 + 7 * (index % 4)
            scenes.append(scene)
    return tuple(scenes)


def plan(
    rng: np.random.Generator, video: Video, at: tuple[int, int, int], crowd: tuple[int, int] | None
) -> Scene:
    """Draw one sequence; ``at`` is the number of its video, its own, and that of its first frame.

    ``crowd`` bounds how many starfish it holds.
    """
    number, index, first = at
    least, most = video.frames
    camera = camera_path(rng, frames=int(rng.integers(least, most + 1)))
    starfish = place_starfish(rng, camera, crowd, video.in_view) if crowd else ()
    return Scene(
        video=number,
        sequence=10_000 + 137 * index + 11 * number,
        first_frame=first,
        camera=camera,
        starfish=starfish,
        corals=place_corals(rng, camera, starfish),
        turbidity=float(rng.uniform(0.0, 1.0)),
        seed=int(rng.integers(2**31)),
    )


def camera_path(rng: np.random.Generator, frames: int) -> Camera:
    """Draw a diver's path: forward, swaying, with small turns and changes of height."""
    speed, sway = rng.uniform(26.0, 44.0), rng.uniform(20.0, 60.0)
    turn, heave = rng.uniform(0.02, 0.07), rng.uniform(0.02, 0.06)
    phase, rate = rng.uniform(0.0, 2 * math.pi, 4), rng.uniform(0.12, 0.3, 4)
    poses = []
    x = y = 0.0
    for frame in range(frames):
        swing = [math.sin(p + r * frame) for p, r in zip(phase, rate, strict=True)]
        poses.append(Pose(x + sway * swing[0], y, turn * swing[1], 1.0 + heave * swing[2]))
        x += 3.0 * swing[3]
        y -= speed * (1.0 + 0.25 * swing[3])
    return Camera(horizon=rng.uniform(-1150.0, -800.0), slant=rng.uniform(1.02, 1.2), poses=tuple(poses))


def place_starfish(
    rng: np.random.Generator, camera: Camera, crowd: tuple[int, int], shares: tuple[float, float]
) -> tuple[Starfish, ...]:
    """Draw starfish in a loose group that is in view for a share of the sequence within ``shares``."""
    while True:
        pose = camera.poses[int(rng.integers(len(camera.poses)))]
        ahead = camera.reach * rng.uniform(0.5, 1.6)
        centre = np.array([pose.x + rng.uniform(-350.0, 350.0), pose.y - ahead])
        count = int(rng.integers(crowd[0], crowd[1] + 1))
        spread = np.array([90.0 + 22.0 * count, 60.0 + 10.0 * count])
        points = centre + rng.uniform(-1.0, 1.0, (count, 2)) * spread
        in_view = np.stack([inside(camera.project(points, f)) for f in range(len(camera.poses))])
        share = in_view.any(axis=1).mean()
        if (
            shares[0] <= share <= shares[1]
            and in_view.sum(axis=1).max() >= 0.8 * count
            and apart(points) > 38.0
        ):
            return tuple(draw_starfish(rng, point) for point in points)


def inside(pixels: Floats) -> Bools:
    """Return which of these pixels (n, >= 2) lie in the frame."""
    x, y = pixels[:, 0], pixels[:, 1]
    return (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)


def apart(points: Floats) -> float:
    """Return the smallest distance between two of these points; infinite for a single one."""
    gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return float(gaps[~np.eye(len(points), dtype=bool)].min(initial=math.inf))


def draw_starfish(rng: np.random.Generator, point: Floats) -> Starfish:
    """Draw one starfish with its own size, arms and colours."""
    count = int(rng.integers(10, 18))
    start, hidden = rng.uniform(0.0, 2 * math.pi), rng.uniform(0.0, 2 * math.pi)
    arms = []
    for arm in range(count):
        angle = start + 2 * math.pi * (arm + rng.uniform(-0.25, 0.25)) / count
        curled = 1.0 - 0.35 * max(0.0, math.cos(angle - hidden))
        arms.append((angle, curled * rng.uniform(0.8, 1.0), rng.uniform(-0.35, 0.35)))
    return Starfish(
        x=float(point[0]),
        y=float(point[1]),
        radius=float(np.clip(rng.lognormal(math.log(28.0), 0.28), 17.0, 62.0)),
        arms=tuple(arms),
        tone=int(rng.integers(0, 6)),
        covered=bool(rng.uniform() < 0.15),
        seed=int(rng.integers(2**31)),
    )


def place_corals(rng: np.random.Generator, camera: Camera, starfish: Sequence[Starfish]) -> tuple[Coral, ...]:
    """Draw upright corals beside the path, none between the camera and a starfish."""
    far = camera.poses[-1].y - 1.8 * camera.reach
    corals = []
    for _ in range(int(rng.integers(30, 60))):
        size = rng.uniform(50.0, 190.0)
        coral = Coral(rng.uniform(-1100.0, 1100.0), rng.uniform(far, -400.0), size, int(rng.integers(0, 8)))
        if not any(could_hide(coral, animal) for animal in starfish):
            corals.append(coral)
    return tuple(sorted(corals, key=lambda c: c.y))


def could_hide(coral: Coral, starfish: Starfish) -> bool:
    """Return whether the coral could hide a part of the starfish."""
    nearer = coral.y - starfish.y
    beside = abs(coral.x - starfish.x)
    return beside < 0.7 * coral.size + starfish.radius and -starfish.radius < nearer < 1.7 * coral.size
