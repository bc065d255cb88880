"""Sprites of corals, and of other animals that a detector must not take for the starfish."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from datasets.reef.render_sprites import FINE, noise, pixel, ridges, shade, shrink

if TYPE_CHECKING:
    from datasets.reef.render_sprites import Colour, Image

CORALS: tuple[Colour, ...] = (
    (70, 104, 128), (86, 120, 118), (58, 62, 108), (96, 74, 100), (88, 108, 96), (124, 140, 150),
    (64, 88, 120), (110, 96, 92), (72, 92, 84), (120, 120, 176),
)  # fmt: skip


def coral_sprite(rng: np.random.Generator, kind: str, size: int) -> Image:
    """Draw one coral of about ``size`` pixels, seen from above (``stand`` from the side)."""
    draw = {
        "brain": _brain,
        "staghorn": _staghorn,
        "plate": _plate,
        "lumps": _lumps,
        "linckia": _linckia,
        "stand": _stand,
    }
    canvas = np.zeros((size * FINE, size * FINE, 4), np.uint8)
    base = np.array(CORALS[int(rng.integers(len(CORALS)))]) + rng.integers(-18, 19, 3)
    draw[kind](canvas, rng, base)
    sprite = shrink(canvas)
    return shade(sprite, noise(rng, sprite.shape[:2], max(size // 7, 3)), 110)


def _tint(base: np.ndarray[Any, Any], light: float) -> tuple[int, ...]:
    return (*(int(v) for v in np.clip(base * light, 0, 255)), 255)


def _blob(canvas: Image, rng: np.random.Generator, colour: tuple[int, ...], lobes: int, rough: float) -> None:
    """Draw a filled outline that wobbles around a circle."""
    size = canvas.shape[0]
    angles = np.linspace(0.0, 2 * math.pi, 64, endpoint=False)
    wobble = np.zeros_like(angles)
    for lobe in range(2, 2 + lobes):
        wobble += rng.uniform(-1.0, 1.0) / lobe * np.cos(lobe * angles + rng.uniform(0.0, 6.3))
    radius = 0.42 * size * (1.0 - rough * np.abs(wobble))
    points = size / 2 + radius[:, None] * np.stack(
        [np.cos(angles), np.sin(angles) * rng.uniform(0.75, 1.0)], 1
    )
    cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], colour, cv2.LINE_AA)


def _brain(canvas: Image, rng: np.random.Generator, base: np.ndarray[Any, Any]) -> None:
    _blob(canvas, rng, _tint(base, 1.0), 4, 0.3)
    size = canvas.shape[0]
    maze = ridges(noise(rng, (size, size), int(rng.integers(5, 9)) * FINE), 2.2)
    shade(canvas, maze, 150)


def _staghorn(canvas: Image, rng: np.random.Generator, base: np.ndarray[Any, Any]) -> None:
    """Draw branches in all directions with pale tips: from afar much like a starfish."""
    size = canvas.shape[0]
    for _ in range(int(rng.integers(14, 34))):
        point = size / 2 + rng.normal(0.0, 0.09 * size, 2)
        angle, length = rng.uniform(0.0, 2 * math.pi), size * rng.uniform(0.12, 0.32)
        for piece in range(3):
            angle += rng.normal(0.0, 0.35)
            end = point + length / 3 * np.array([math.cos(angle), math.sin(angle)])
            cv2.line(
                canvas,
                pixel(point),
                pixel(end),
                _tint(base, 0.75 + 0.22 * piece),
                (4 - piece) * FINE // 2,
                cv2.LINE_AA,
            )
            point = end
        cv2.circle(canvas, pixel(point), FINE // 2 + 1, _tint(base, 1.7), -1, cv2.LINE_AA)


def _plate(canvas: Image, rng: np.random.Generator, base: np.ndarray[Any, Any]) -> None:
    """Draw a table coral: a lobed disc with a pale rim and fine radial rows of polyps."""
    _blob(canvas, rng, _tint(base, 1.35), 9, 0.25)
    size = canvas.shape[0]
    for _ in range(size):
        angle, away = rng.uniform(0.0, 2 * math.pi), 0.38 * size * math.sqrt(rng.uniform())
        start = size / 2 + away * np.array([math.cos(angle), math.sin(angle)])
        end = start + 2.5 * FINE * np.array([math.cos(angle), math.sin(angle)])
        inside = canvas[min(int(start[1]), size - 1), min(int(start[0]), size - 1), 3] > 0
        if inside:
            cv2.line(
                canvas,
                pixel(start),
                pixel(end),
                _tint(base, rng.uniform(0.55, 1.1)),
                FINE // 2,
                cv2.LINE_AA,
            )


def _lumps(canvas: Image, rng: np.random.Generator, base: np.ndarray[Any, Any]) -> None:
    """Draw a heap of round knobs, each lit from above."""
    size = canvas.shape[0]
    for _ in range(int(rng.integers(8, 26))):
        point = size / 2 + rng.uniform(-0.3, 0.3, 2) * size
        radius = size * rng.uniform(0.05, 0.13)
        for ring, light in ((1.0, 0.6), (0.8, 0.95), (0.4, 1.25)):
            cv2.circle(canvas, pixel(point), round(radius * ring), _tint(base, light), -1, cv2.LINE_AA)


def _linckia(canvas: Image, rng: np.random.Generator, base: np.ndarray[Any, Any]) -> None:
    """Draw a harmless five-armed starfish: smooth, without spines."""
    size = canvas.shape[0]
    start = rng.uniform(0.0, 2 * math.pi)
    for arm in range(5):
        angle = start + 2 * math.pi * arm / 5 + rng.uniform(-0.2, 0.2)
        for step in range(12):
            point = size / 2 + 0.4 * size * step / 12 * np.array([math.cos(angle), math.sin(angle)])
            cv2.circle(
                canvas, pixel(point), round(size * (0.075 - 0.003 * step)), _tint(base, 1.1), -1, cv2.LINE_AA
            )


def _stand(canvas: Image, rng: np.random.Generator, base: np.ndarray[Any, Any]) -> None:
    """Draw an upright bush, its foot at the lower edge."""
    size = canvas.shape[0]
    for stem in range(int(rng.integers(16, 30))):
        point = np.array([size / 2 + rng.normal(0.0, 0.05) * size, size - 1.0])
        angle = -math.pi / 2 + rng.normal(0.0, 0.55)
        length, thick = size * rng.uniform(0.5, 0.95), rng.uniform(0.03, 0.07) * size
        light = 0.55 + 0.5 * stem / 30
        for piece in range(5):
            angle += rng.normal(0.0, 0.16)
            end = point + length / 5 * np.array([math.cos(angle), math.sin(angle)])
            width = max(round(thick * (1.0 - 0.14 * piece)), 1)
            cv2.line(canvas, pixel(point), pixel(end), _tint(base, light + 0.09 * piece), width, cv2.LINE_AA)
            point = end
        cv2.circle(canvas, pixel(point), round(thick * 0.5), _tint(base, light + 0.6), -1, cv2.LINE_AA)
