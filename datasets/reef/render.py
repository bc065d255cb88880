"""Render a scene: the floor through a moving camera, upright corals, water, light, JPEG.

Per frame everything is uint8 or whole numbers (OpenCV's fixed-point paths), so that the same scene
gives the same bytes wherever the same library versions run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np

from datasets.reef.camera import HEIGHT, WIDTH
from datasets.reef.render_corals import coral_sprite
from datasets.reef.render_seabed import Seabed, paint_seabed
from datasets.reef.render_sprites import noise, paste, ridges
from datasets.reef.scene import Scene

if TYPE_CHECKING:
    from datasets.reef.render_sprites import Image

    Whole: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]

QUALITY = 92
FRACTION = 5
"""Bits of a pixel that OpenCV's fixed-point remap looks between."""


@dataclass(frozen=True)
class Water:
    """What the water of one sequence does to the light, by pixel: ``passed`` / 256 plus ``veil``."""

    passed: Image
    veil: Image
    blur: int
    snow: int


def render(scene: Scene) -> Iterator[Image]:
    """Yield the frames of a scene in order, each (720, 1280, 3) uint8 BGR."""
    seabed = paint_seabed(scene)
    rng = np.random.default_rng([scene.seed, 3])
    water = _water(rng, scene)
    corals = [coral_sprite(rng, "stand", 190) for _ in range(8)]
    nets = [ridges(noise(rng, (512, 512), 48), 3.0) for _ in range(2)]
    grain = (rng.normal(0.0, 3.0, (HEIGHT + 64, WIDTH + 64, 3)) + 16).clip(0, 32).astype(np.uint8)
    flakes = [_flake(size) for size in (3, 5, 7, 15)]
    for frame in range(scene.frames):
        across, down = _lines_of_sight(scene, frame)
        picture = _look(seabed, across, down)
        _draw_corals(picture, scene, frame, corals)
        picture = _light(picture, nets, across, down, frame)
        picture = cv2.add(cv2.multiply(picture, water.passed, scale=1 / 256), water.veil)
        _snow(picture, rng, flakes, water.snow)
        if water.blur > 1:
            picture = cv2.GaussianBlur(picture, (water.blur, water.blur), 0)
        y, x = (int(v) for v in rng.integers(0, 64, 2))
        picture = cv2.subtract(cv2.add(picture, grain[y : y + HEIGHT, x : x + WIDTH]), np.full(3, 16.0))
        yield picture


def jpeg(picture: Image) -> bytes:
    """Return a frame encoded as JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert done
    return data.tobytes()


def _lines_of_sight(scene: Scene, frame: int) -> tuple[Whole, Whole]:
    """Return the floor point that each pixel shows, (720, 1280) each, in 1 / 32 floor units."""
    camera, pose = scene.camera, scene.camera.poses[frame]
    depth = camera.depth(np.arange(HEIGHT, dtype=np.float64), frame)
    centre = np.stack([np.full(HEIGHT, WIDTH / 2), np.arange(HEIGHT)], axis=1)
    start = np.rint(camera.floor(centre, frame) * 2**16).astype(np.int32)
    columns = np.arange(WIDTH, dtype=np.int32) - WIDTH // 2
    lines = []
    for axis, turn in enumerate((math.cos(pose.yaw), math.sin(pose.yaw))):
        step = np.rint(turn * depth * 2**16).astype(np.int32)
        lines.append((step[:, None] * columns + start[:, axis, None]) >> (16 - FRACTION))
    return lines[0], lines[1]


def _look(seabed: Seabed, across: Whole, down: Whole) -> Image:
    """Return the sea floor along the lines of sight, interpolated in fixed point."""
    x, y = across - (seabed.left << FRACTION), down - (seabed.top << FRACTION)
    whole = np.stack([x >> FRACTION, y >> FRACTION], axis=2).astype(np.int16)
    part = ((y & 31) << FRACTION | (x & 31)).astype(np.uint16)
    seen = cv2.remap(seabed.picture, whole, part, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(seen, np.uint8)


def _draw_corals(picture: Image, scene: Scene, frame: int, sprites: list[Image]) -> None:
    """Draw the upright corals, the far ones first."""
    feet = scene.camera.project(np.array([[c.x, c.y] for c in scene.corals]), frame)
    for coral, (x, y, depth) in zip(scene.corals, feet, strict=True):
        size = round(coral.size / depth)
        if -size < x < WIDTH + size and 0 < y < HEIGHT + size:
            sprite = cv2.resize(sprites[coral.sprite], (size, size), interpolation=cv2.INTER_LINEAR)
            paste(picture, sprite, round(x) - size // 2, round(y) - size)


def _light(picture: Image, nets: list[Image], across: Whole, down: Whole, frame: int) -> Image:
    """Add caustics: two nets of light that drift over the floor, brightest where they cross."""
    x, y = across[::4, ::4] >> FRACTION, down[::4, ::4] >> FRACTION
    first = nets[0][(y + 5 * frame) & 511, (x + 3 * frame) & 511]
    second = nets[1][(y - 4 * frame) & 511, (x + 2 * frame) & 511]
    gain = cv2.add(cv2.max(first, second) >> 3, cv2.min(first, second) >> 2)
    gain = cv2.resize(cv2.add(gain, 54.0), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(picture, cv2.merge([gain] * 3), scale=1 / 64), np.uint8)


def _water(rng: np.random.Generator, scene: Scene) -> Water:
    """Draw the water: it absorbs red light first, and distant points take its colour."""
    murk = 0.15 + 0.5 * scene.turbidity
    loss = murk * np.array([rng.uniform(0.35, 0.6), rng.uniform(0.3, 0.5), rng.uniform(0.9, 1.6)])
    colour = np.array([rng.uniform(120, 175), rng.uniform(110, 160), rng.uniform(40, 85)])
    depth = scene.camera.depth(np.arange(HEIGHT, dtype=np.float64), 0)[:, None, None]
    passed = np.exp(-loss * depth**1.5)
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    vignette = (1.0 - 0.16 * (x**2 + y**2))[:, :, None]
    exposure = rng.uniform(1.15, 1.45)
    veil = (1.0 - passed) * colour * vignette * exposure * 0.8
    return Water(
        passed=np.rint(255 * np.clip(passed * vignette * exposure, 0, 1)).astype(np.uint8),
        veil=np.rint(np.clip(veil, 0, 255)).astype(np.uint8),
        blur=int(rng.choice([1, 3, 3])),
        snow=int(rng.integers(20, 160)),
    )


def _flake(size: int) -> Image:
    """Return a blurred particle, brightest in the middle."""
    spot = np.zeros((size + 4, size + 4, 3), np.uint8)
    cv2.circle(spot, (size // 2 + 2, size // 2 + 2), size // 2, (190 - 9 * size,) * 3, -1)
    return np.asarray(cv2.GaussianBlur(spot, (5, 5), 0), np.uint8)


def _snow(picture: Image, rng: np.random.Generator, flakes: list[Image], count: int) -> None:
    """Draw particles at random positions in the water."""
    for kind, x, y in zip(
        rng.choice(len(flakes), count, p=[0.5, 0.3, 0.15, 0.05]),
        rng.integers(0, WIDTH - 20, count),
        rng.integers(0, HEIGHT - 20, count),
        strict=True,
    ):
        flake = flakes[kind]
        part = picture[y : y + flake.shape[0], x : x + flake.shape[1]]
        cv2.add(part, flake, dst=part)
