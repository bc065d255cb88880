"""What happens in a rendered reef sequence: the camera's path, the starfish, the boxes. No pixels.

Everything is drawn from a seed, so the annotations of a data set are known before it is rendered.
The sea floor is a plane measured in *floor units*: one unit is about one pixel in the middle of
the frame. The camera looks down at it under an angle and swims forward.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
    Bools: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

WIDTH, HEIGHT = 1280, 720
VIDEOS = 3
SEQUENCES = 30
CROWDS = ((2, 4), (3, 6), (1, 2), (12, 18))
"""Starfish in the sequences that hold any, in turn: the same mix in every third of the data set."""
SHOWN = 0.6
"""Share of a starfish's box that must lie inside the frame for it to be annotated."""


@dataclass(frozen=True)
class Pose:
    """Where the camera is in one frame: floor units, radians, height relative to the first frame's."""

    x: float
    y: float
    yaw: float
    height: float


@dataclass(frozen=True)
class Camera:
    """A pinhole camera over the floor.

    ``horizon`` is a row above the frame (negative); in the middle row of the first frame a floor unit
    is one pixel across and ``1 / slant`` pixels along the camera's way.
    """

    horizon: float
    slant: float
    poses: tuple[Pose, ...]

    @property
    def focus(self) -> float:
        """Rows between the horizon and the middle of the frame."""
        return HEIGHT / 2 - self.horizon

    @property
    def reach(self) -> float:
        """How far ahead, in floor units, the middle of the frame looks."""
        return self.slant * self.focus

    def project(self, points: Floats, frame: int) -> Floats:
        """Floor points (n, 2) to pixels (n, 3): column, row and floor units per pixel there."""
        pose = self.poses[frame]
        x, y = points[:, 0] - pose.x, points[:, 1] - pose.y
        cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
        across, ahead = cos * x + sin * y, sin * x - cos * y
        depth = np.maximum(ahead / self.reach, 0.05)
        row = self.horizon + self.focus * pose.height / depth
        return np.stack([WIDTH / 2 + across / depth, row, depth], axis=1)

    def floor(self, pixels: Floats, frame: int) -> Floats:
        """Pixels (n, 2) to the floor points (n, 2) seen there: the inverse of ``project``."""
        pose = self.poses[frame]
        depth = self.depth(pixels[:, 1], frame)
        across, ahead = (pixels[:, 0] - WIDTH / 2) * depth, self.reach * depth
        cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
        return np.stack([pose.x + cos * across + sin * ahead, pose.y + sin * across - cos * ahead], axis=1)

    def depth(self, rows: Floats, frame: int) -> Floats:
        """Floor units per pixel in each of these pixel rows."""
        return self.focus * self.poses[frame].height / (rows - self.horizon)


@dataclass(frozen=True)
class Starfish:
    """One crown-of-thorns starfish. Arms are (angle, length, bend); ``tone`` picks its colours."""

    x: float
    y: float
    radius: float
    arms: tuple[tuple[float, float, float], ...]
    tone: int
    covered: bool
    seed: int

    def arm_lines(self, steps: int = 6) -> list[Floats]:
        """Centre line of every arm, (steps, 2) floor units from the body's centre."""
        along = np.linspace(0.0, 1.0, steps)
        lines = []
        for angle, length, bend in self.arms:
            turn = angle + bend * along**2
            lines.append(
                self.radius * length * along[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
            )
        return lines

    def outline(self) -> Floats:
        """Points (n, 2) on the floor whose bounding box is the starfish's."""
        tips = np.concatenate([line[3:] for line in self.arm_lines()])
        return np.asarray(tips + np.array([self.x, self.y]), np.float64)


@dataclass(frozen=True)
class Coral:
    """An upright coral: base on the floor, ``size`` its height and width in floor units."""

    x: float
    y: float
    size: float
    sprite: int


@dataclass(frozen=True)
class Scene:
    """One sequence: who is where. ``turbidity`` runs from 0 (clear) to 1."""

    video: int
    sequence: int
    first_frame: int
    camera: Camera
    starfish: tuple[Starfish, ...]
    corals: tuple[Coral, ...]
    turbidity: float
    seed: int

    @property
    def frames(self) -> int:
        """How many frames the sequence has."""
        return len(self.camera.poses)

    def boxes(self, frame: int) -> list[dict[str, int]]:
        """Kaggle's boxes of one frame: pixels of the top left corner, width, height.

        A box is not cut at the frame's edge; a starfish mostly outside the frame has none.
        """
        found = [box_of(starfish, self.camera, frame) for starfish in self.starfish]
        return [box for box in found if shown(box) >= SHOWN]


def box_of(starfish: Starfish, camera: Camera, frame: int) -> dict[str, int]:
    """The box around a starfish in one frame, wherever that is."""
    pixels = camera.project(starfish.outline(), frame)[:, :2]
    left, top = (int(v) for v in np.floor(pixels.min(axis=0) - 1.0))
    right, bottom = (int(v) for v in np.ceil(pixels.max(axis=0) + 1.0))
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def shown(box: dict[str, int]) -> float:
    """Share of a box's area that lies inside the frame."""
    wide = min(box["x"] + box["width"], WIDTH) - max(box["x"], 0)
    high = min(box["y"] + box["height"], HEIGHT) - max(box["y"], 0)
    return max(wide, 0) * max(high, 0) / (box["width"] * box["height"])


@cache
def schedule(seed: int) -> tuple[Scene, ...]:
    """Every sequence of the data set in order.

    Two of every five sequences hold starfish and the crowds come round in turn, so that any third
    of the sequences, taken in order, is as rich as another.
    """
    scenes: list[Scene] = []
    frame = 0
    for index in range(SEQUENCES):
        video, place = divmod(index, SEQUENCES // VIDEOS)
        frame = 0 if place == 0 else frame
        crowd = CROWDS[(index // 5 * 2 + index % 5 // 2) % len(CROWDS)] if index % 5 in (1, 3) else None
        scene = plan(np.random.default_rng([seed, index]), video, index, frame, crowd)
        frame += scene.frames + 12 + 7 * (index % 4)
        scenes.append(scene)
    return tuple(scenes)


def plan(
    rng: np.random.Generator, video: int, index: int, first: int, crowd: tuple[int, int] | None
) -> Scene:
    """Draw one sequence; ``crowd`` bounds how many starfish it holds."""
    camera = swim(rng, frames=int(rng.integers(23, 30)))
    starfish = settle(rng, camera, crowd) if crowd else ()
    return Scene(
        video=video,
        sequence=10_000 + 137 * index + 11 * video,
        first_frame=first,
        camera=camera,
        starfish=starfish,
        corals=grow(rng, camera, starfish),
        turbidity=float(rng.uniform(0.0, 1.0)),
        seed=int(rng.integers(2**31)),
    )


def swim(rng: np.random.Generator, frames: int) -> Camera:
    """A diver's path: forward, swaying, with small turns and changes of height."""
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


def settle(rng: np.random.Generator, camera: Camera, crowd: tuple[int, int]) -> tuple[Starfish, ...]:
    """Starfish in a loose group that is in view for about half of the sequence."""
    while True:
        pose = camera.poses[int(rng.integers(len(camera.poses)))]
        ahead = camera.reach * rng.uniform(0.5, 1.6)
        centre = np.array([pose.x + rng.uniform(-350.0, 350.0), pose.y - ahead])
        count = int(rng.integers(crowd[0], crowd[1] + 1))
        spread = np.array([90.0 + 22.0 * count, 60.0 + 10.0 * count])
        places = centre + rng.uniform(-1.0, 1.0, (count, 2)) * spread
        in_view = np.stack([inside(camera.project(places, f)) for f in range(len(camera.poses))])
        share = in_view.any(axis=1).mean()
        if 0.46 <= share <= 0.64 and in_view.sum(axis=1).max() >= 0.8 * count and apart(places) > 38.0:
            return tuple(hatch(rng, place) for place in places)


def inside(pixels: Floats) -> Bools:
    """Which of these pixels (n, >= 2) lie in the frame."""
    x, y = pixels[:, 0], pixels[:, 1]
    return (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)


def apart(places: Floats) -> float:
    """Smallest distance between two of these points; infinite for one alone."""
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    return float(gaps[~np.eye(len(places), dtype=bool)].min(initial=math.inf))


def hatch(rng: np.random.Generator, place: Floats) -> Starfish:
    """One starfish with its own size, arms and colours."""
    count = int(rng.integers(10, 18))
    start, hidden = rng.uniform(0.0, 2 * math.pi), rng.uniform(0.0, 2 * math.pi)
    arms = []
    for arm in range(count):
        angle = start + 2 * math.pi * (arm + rng.uniform(-0.25, 0.25)) / count
        curled = 1.0 - 0.35 * max(0.0, math.cos(angle - hidden))
        arms.append((angle, curled * rng.uniform(0.8, 1.0), rng.uniform(-0.35, 0.35)))
    return Starfish(
        x=float(place[0]),
        y=float(place[1]),
        radius=float(np.clip(rng.lognormal(math.log(28.0), 0.28), 17.0, 62.0)),
        arms=tuple(arms),
        tone=int(rng.integers(0, 6)),
        covered=bool(rng.uniform() < 0.15),
        seed=int(rng.integers(2**31)),
    )


def grow(rng: np.random.Generator, camera: Camera, starfish: Sequence[Starfish]) -> tuple[Coral, ...]:
    """Upright corals beside the path, none between the camera and a starfish."""
    far = camera.poses[-1].y - 1.8 * camera.reach
    corals = []
    for _ in range(int(rng.integers(30, 60))):
        size = rng.uniform(50.0, 190.0)
        coral = Coral(rng.uniform(-1100.0, 1100.0), rng.uniform(far, -400.0), size, int(rng.integers(0, 8)))
        if not any(hides(coral, one) for one in starfish):
            corals.append(coral)
    return tuple(sorted(corals, key=lambda c: c.y))


def hides(coral: Coral, starfish: Starfish) -> bool:
    """Whether the coral could stand in front of the starfish."""
    nearer = coral.y - starfish.y
    beside = abs(coral.x - starfish.x)
    return beside < 0.7 * coral.size + starfish.radius and -starfish.radius < nearer < 1.7 * coral.size
