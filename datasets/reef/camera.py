"""The camera over the sea floor: from a point of the floor to its pixel in a frame, and back.

The sea floor is a plane measured in *floor units*: one unit is about one pixel in the middle of the frame.
The camera looks down at it at an angle and moves forward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

WIDTH, HEIGHT = 1280, 720


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
        """Return pixels (n, 3) of floor points (n, 2): column, row and floor units per pixel there."""
        pose = self.poses[frame]
        x, y = points[:, 0] - pose.x, points[:, 1] - pose.y
        cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
        across, ahead = cos * x + sin * y, sin * x - cos * y
        depth = np.maximum(ahead / self.reach, 0.05)
        row = self.horizon + self.focus * pose.height / depth
        return np.stack([WIDTH / 2 + across / depth, row, depth], axis=1)

    def floor(self, pixels: Floats, frame: int) -> Floats:
        """Return the floor points (n, 2) seen at pixels (n, 2): the inverse of ``project``."""
        pose = self.poses[frame]
        depth = self.depth(pixels[:, 1], frame)
        across, ahead = (pixels[:, 0] - WIDTH / 2) * depth, self.reach * depth
        cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
        return np.stack([pose.x + cos * across + sin * ahead, pose.y + sin * across - cos * ahead], axis=1)

    def depth(self, rows: Floats, frame: int) -> Floats:
        """Return the floor units per pixel in each of these pixel rows."""
        return self.focus * self.poses[frame].height / (rows - self.horizon)
