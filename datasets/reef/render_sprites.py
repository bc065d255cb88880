"""Small pictures with transparency: starfish, and the textures of all sprites. All arrays uint8, BGR(A).

Sprites are drawn four times too large and shrunk by whole pixels, in integer arithmetic.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np

from datasets.reef.scene import Starfish

if TYPE_CHECKING:
    Image: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
    Colour: TypeAlias = tuple[int, int, int]

FINE = 4
TONES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((44, 34, 84), (22, 16, 40), (150, 190, 244)),
    ((70, 40, 74), (34, 20, 38), (190, 190, 246)),
    ((52, 56, 92), (26, 28, 46), (130, 180, 250)),
    ((38, 40, 70), (18, 20, 34), (160, 210, 248)),
    ((62, 50, 60), (30, 24, 30), (180, 200, 240)),
    ((40, 48, 78), (20, 24, 38), (120, 170, 236)),
)
"""Body, grooves, spine tips of the starfish: a dark disc with pale spines. Corals wear colours as dark."""


def noise(rng: np.random.Generator, size: tuple[int, int], cells: int) -> Image:
    """Return smooth grey noise (height, width) whose blobs are about ``cells`` pixels wide; it tiles."""
    grid = (max(size[0] // cells, 2), max(size[1] // cells, 2))
    coarse = rng.integers(0, 256, grid, dtype=np.uint8)
    padded = np.pad(coarse, 2, mode="wrap")
    scale = (size[0] / grid[0], size[1] / grid[1])
    wide = (round(padded.shape[1] * scale[1]), round(padded.shape[0] * scale[0]))
    smooth = cv2.resize(padded, wide, interpolation=cv2.INTER_CUBIC)
    top, left = round(2 * scale[0]), round(2 * scale[1])
    return np.ascontiguousarray(smooth[top : top + size[0], left : left + size[1]])


def ridges(field: Image, sharpness: float) -> Image:
    """Return bright lines where noise crosses its middle: mazes of brain coral, nets of caustics."""
    levels = np.abs(np.arange(256) - 128.0) / 128.0
    table = np.rint(255.0 * np.maximum(1.0 - sharpness * levels, 0.0)).astype(np.uint8)
    return np.asarray(cv2.LUT(field, table), np.uint8)


def paste(ground: Image, sprite: Image, left: int, top: int) -> None:
    """Draw a BGRA sprite on a BGR picture in place; what falls outside is cut off."""
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + sprite.shape[0], ground.shape[0]), min(left + sprite.shape[1], ground.shape[1])
    if y0 >= y1 or x0 >= x1:
        return
    part = sprite[y0 - top : y1 - top, x0 - left : x1 - left]
    under = ground[y0:y1, x0:x1]
    alpha = part[:, :, 3:].astype(np.int32)
    under[:] = (under * (255 - alpha) + part[:, :, :3] * alpha + 127) // 255


def shrink(canvas: Image) -> Image:
    """Return a canvas that was drawn ``FINE`` times too large at its own size."""
    size = (canvas.shape[1] // FINE, canvas.shape[0] // FINE)
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)


def shadow(sprite: Image, blur: int, strength: int) -> Image:
    """Return the soft shadow of a sprite, as a sprite of the same size."""
    soft = cv2.GaussianBlur(sprite[:, :, 3], (blur, blur), 0).astype(np.int32) * strength // 256
    dark = np.zeros_like(sprite)
    dark[:, :, 3] = soft
    return dark


def shade(sprite: Image, texture: Image, depth: int) -> Image:
    """Darken a sprite where the grey texture is dark, by up to ``depth`` / 256."""
    gain = 256 - (depth * (255 - texture.astype(np.int32)) >> 8)
    sprite[:, :, :3] = sprite[:, :, :3] * gain[:, :, None] >> 8
    return sprite


def starfish_sprite(starfish: Starfish) -> Image:
    """Draw a crown-of-thorns starfish seen from above, its centre in the middle of the sprite."""
    rng = np.random.default_rng(starfish.seed)
    half = math.ceil(starfish.radius * 1.25) + 4
    canvas = np.zeros((2 * half * FINE, 2 * half * FINE, 4), np.uint8)
    body, groove, tip = ((*colour, 255) for colour in TONES[starfish.tone])
    arm = 1.9 / (len(starfish.arms) + 2) * starfish.radius * FINE
    lines = [(line + half) * FINE for line in starfish.arm_lines(steps=9)]
    for line in lines:
        for step, point in enumerate(line):
            cv2.circle(canvas, pixel(point), round(arm * (1.15 - 0.75 * step / 8)), body, -1, cv2.LINE_AA)
    middle = (half * FINE, half * FINE)
    cv2.circle(canvas, middle, round(0.42 * starfish.radius * FINE), body, -1, cv2.LINE_AA)
    for line in lines:
        cv2.polylines(canvas, [np.rint(line[2:7]).astype(np.int32)], False, groove, FINE // 2, cv2.LINE_AA)
    _spines(canvas, lines, arm, tip, rng)
    for _ in range(round(0.5 * starfish.radius)):
        angle, away = rng.uniform(0.0, 2 * math.pi), 0.36 * starfish.radius * FINE * math.sqrt(rng.uniform())
        spot = (round(middle[0] + away * math.cos(angle)), round(middle[1] + away * math.sin(angle)))
        cv2.circle(canvas, spot, FINE // 2 + 1, groove if rng.uniform() < 0.6 else tip, -1, cv2.LINE_AA)
    return shade(shrink(canvas), noise(rng, (2 * half, 2 * half), 9), 90)


def _spines(
    canvas: Image,
    lines: list[np.ndarray[Any, Any]],
    arm: float,
    tip: tuple[int, ...],
    rng: np.random.Generator,
) -> None:
    """Draw short bright spines on both sides of every arm."""
    for line in lines:
        for step in range(2, len(line), 2):
            along = line[step] - line[step - 1]
            along = along / max(math.hypot(*along), 1e-6)
            for side in (-1.0, 1.0):
                across = side * np.array([-along[1], along[0]]) + 0.5 * along
                reach = arm * rng.uniform(1.1, 1.7) * (1.1 - 0.06 * step)
                start, end = line[step] + 0.3 * reach * across, line[step] + reach * across
                cv2.line(canvas, pixel(start), pixel(end), tip, FINE - 1, cv2.LINE_AA)


def pixel(point: np.ndarray[Any, Any]) -> tuple[int, int]:
    """Return a point (x, y) in whole pixels."""
    return round(float(point[0])), round(float(point[1]))
