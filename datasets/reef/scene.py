"""What one rendered reef sequence holds, and the boxes around its starfish. No pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datasets.reef.camera import HEIGHT, WIDTH, Camera

if TYPE_CHECKING:
    from datasets.reef.camera import Floats

SHOWN = 0.6
"""Share of a starfish's box that must lie inside the frame for it to be annotated."""


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
        """Return the centre line of every arm, (steps, 2) floor units from the body's centre."""
        along = np.linspace(0.0, 1.0, steps)
        lines = []
        for angle, length, bend in self.arms:
            turn = angle + bend * along**2
            lines.append(
                self.radius * length * along[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
            )
        return lines

    def outline(self) -> Floats:
        """Return points (n, 2) on the floor whose bounding box is that of the starfish."""
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
    """One sequence: its camera, starfish and corals. ``turbidity`` runs from 0 (clear) to 1."""

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
        """Return the boxes of one frame as Kaggle has them: x and y of the top left corner, width, height.

        A box is not cut at the frame's edge; a starfish mostly outside the frame has none.
        """
        boxes = [box_of(starfish, self.camera, frame) for starfish in self.starfish]
        return [box for box in boxes if shown(box) >= SHOWN]


def box_of(starfish: Starfish, camera: Camera, frame: int) -> dict[str, int]:
    """Return the box around a starfish in one frame, also where it is out of view."""
    pixels = camera.project(starfish.outline(), frame)[:, :2]
    left, top = (int(v) for v in np.floor(pixels.min(axis=0) - 1.0))
    right, bottom = (int(v) for v in np.ceil(pixels.max(axis=0) + 1.0))
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def shown(box: dict[str, int]) -> float:
    """Return the share of a box's area that lies inside the frame."""
    wide = min(box["x"] + box["width"], WIDTH) - max(box["x"], 0)
    high = min(box["y"] + box["height"], HEIGHT) - max(box["y"], 0)
    return max(wide, 0) * max(high, 0) / (box["width"] * box["height"])
