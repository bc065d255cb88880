"""Paint the sea floor of one sequence as one large picture: rock, sand, corals and starfish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from datasets.reef.camera import HEIGHT, WIDTH
from datasets.reef.render_corals import coral_sprite
from datasets.reef.render_sprites import noise, paste, shadow, starfish_sprite
from datasets.reef.scene import Scene, Starfish

if TYPE_CHECKING:
    from datasets.reef.render_sprites import Image

SAND = ((118, 142, 150), (96, 122, 132), (70, 92, 104), (44, 60, 70), (28, 40, 46))
ALGAE = ((96, 122, 118), (78, 108, 104), (58, 90, 86), (40, 62, 60), (26, 40, 42))
KINDS = (
    "brain",
    "staghorn",
    "lumps",
    "staghorn",
    "plate",
    "staghorn",
    "brain",
    "lumps",
    "staghorn",
    "linckia",
)


@dataclass(frozen=True)
class Seabed:
    """A BGR picture of the floor; pixel (0, 0) lies at floor point ``(left, top)``."""

    picture: Image
    left: int
    top: int


def paint_seabed(scene: Scene) -> Seabed:
    """Paint everything that lies flat on the floor within the camera's reach."""
    left, top, right, bottom = extent(scene)
    rng = np.random.default_rng([scene.seed, 1])
    picture = _ground(rng, (bottom - top, right - left))
    _scatter_corals(rng, picture)
    for starfish in scene.starfish:
        _lay(picture, starfish, left, top)
    return Seabed(picture, left, top)


def extent(scene: Scene) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the floor that the camera ever sees, with a margin."""
    corners = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT], [WIDTH, HEIGHT]], np.float64)
    seen = np.concatenate([scene.camera.floor(corners, frame) for frame in range(scene.frames)])
    low, high = np.floor(seen.min(axis=0)).astype(int) - 8, np.ceil(seen.max(axis=0)).astype(int) + 8
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _ground(rng: np.random.Generator, size: tuple[int, int]) -> Image:
    """Return rock and sand in relief, from noise of five scales."""
    relief = noise(rng, size, 4)
    for cells in (10, 28, 80, 260):
        relief = _average(relief, noise(rng, size, cells))
    stretched = cv2.LUT(relief, np.clip((np.arange(256) - 128) * 2 + 128, 0, 255).astype(np.uint8))
    patches = cv2.LUT(noise(rng, size, 190), np.clip((np.arange(256) - 110) * 6, 0, 255).astype(np.uint8))
    patches = _average(patches, _average(noise(rng, size, 24), patches))
    ground = _mix(_palette(stretched, SAND), _palette(stretched, ALGAE), patches)
    lit = relief.astype(np.int16)
    slope = np.zeros_like(lit)
    slope[3:, 3:] = (lit[3:, 3:] - lit[:-3, :-3]) * 3
    grain = (rng.integers(0, 256, size, dtype=np.uint8) >> 4).astype(np.int16) - 8
    return np.clip(ground + (slope + grain)[:, :, None], 0, 255).astype(np.uint8)


def _scatter_corals(rng: np.random.Generator, picture: Image) -> None:
    """Draw hundreds of corals in patches, from a few dozen shapes that are turned and resized."""
    stock = [coral_sprite(rng, KINDS[n % len(KINDS)], int(rng.integers(60, 150))) for n in range(30)]
    height, width = picture.shape[:2]
    density = noise(rng, (height // 8 + 1, width // 8 + 1), 40)
    for _ in range(height * width // 2200):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        sprite, turn, scale = (
            stock[int(rng.integers(len(stock)))],
            int(rng.integers(8)),
            rng.uniform(0.3, 1.1),
        )
        if density[y // 8, x // 8] < rng.integers(60, 256):
            continue
        size = max(int(sprite.shape[0] * scale), 12)
        sprite = np.rot90(sprite, turn % 4)
        sprite = sprite[:, ::-1] if turn >= 4 else sprite
        sprite = cv2.resize(np.ascontiguousarray(sprite), (size, size), interpolation=cv2.INTER_AREA)
        _put(picture, sprite, x, y)


def _put(picture: Image, sprite: Image, x: int, y: int) -> None:
    """Draw a sprite with its soft shadow, centred on a pixel."""
    half = sprite.shape[0] // 2
    paste(picture, shadow(sprite, 9, 130), x - half + 3, y - half + 4)
    paste(picture, sprite, x - half, y - half)


def _lay(picture: Image, starfish: Starfish, left: int, top: int) -> None:
    """Draw a starfish, and for some a branch of coral that covers a part of it."""
    x, y = round(starfish.x) - left, round(starfish.y) - top
    _put(picture, starfish_sprite(starfish), x, y)
    if starfish.covered:
        rng = np.random.default_rng([starfish.seed, 2])
        size = round(starfish.radius * 1.2)
        away = rng.choice([-1, 1], 2) * round(0.6 * starfish.radius)
        _put(picture, coral_sprite(rng, "staghorn", size), x + int(away[0]), y + int(away[1]))


def _average(a: Image, b: Image) -> Image:
    return np.asarray((a.astype(np.uint16) + b) >> 1, np.uint8)


def _mix(a: Image, b: Image, share: Image) -> Image:
    """Return ``b`` where ``share`` is 255, ``a`` where it is 0, a mixture between."""
    weight = share[:, :, None].astype(np.uint16)
    return np.asarray((a * (255 - weight) + b * weight) // 255, np.uint8)


def _palette(field: Image, colours: tuple[tuple[int, int, int], ...]) -> Image:
    """Replace grey levels by colours: ``colours`` go from bright to dark."""
    levels = np.linspace(255.0, 0.0, len(colours))[::-1]
    table = np.stack(
        [np.interp(np.arange(256), levels, [c[k] for c in colours][::-1]) for k in range(3)], axis=1
    )
    return np.asarray(cv2.LUT(cv2.merge([field] * 3), np.rint(table)[:, None].astype(np.uint8)), np.uint8)
