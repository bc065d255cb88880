"""The mini variants: each portrait in five scenes of known camera motion, light, noise and background.

The camera is an affine map that takes the outline along with the photograph, so that every mask is exact.
Two clips show no person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from datasets.people.frames import Frame, write_image, write_mask, write_table
from datasets.people.portraits import Portrait, photograph, placed, portraits
from datasets.streams import stream
from harness.spec import Progress, no_progress

if TYPE_CHECKING:
    from harness.spec import Array

LENGTH = 28
"""Frames of a clip with a person; those without have LENGTH_EMPTY. 304 in all: a p99 needs 299."""
LENGTH_EMPTY = 12
CALL = (256, 144)
SIZES = {"collins": (480, 320), "hopper": (352, 432)}
BACKDROPS = {
    "garage": (
        "data/motorcycle_left.png",
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    ),
    "table": ("data/coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
    "launch": ("data/rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
}


@dataclass(frozen=True)
class Scene:
    """What happens in a clip.

    ``sway`` is how far the camera moves (share of the view), ``turn`` its roll in degrees, ``blur`` the
    motion blur in pixels at 480 wide; ``exposure`` the light, ``lamp`` how much a warm light from the
    side varies, ``noise`` the sensor's standard deviation in grey levels; ``replaced``: the person stands
    before another background.
    """

    name: str
    sway: float = 0.15
    turn: float = 0.5
    blur: float = 0.0
    exposure: float = 1.0
    lamp: float = 0.0
    noise: float = 2.0
    replaced: bool = False


SCENES = (
    Scene("still"),
    Scene("handheld", sway=0.9, turn=2.0, blur=5.0),
    Scene("dark", exposure=0.4, noise=7.0),
    Scene("lamp", sway=0.4, lamp=0.45),
    Scene("elsewhere", sway=0.4, replaced=True, noise=4.0),
)


@dataclass(frozen=True)
class Clip:
    """One clip: the person (or None), what happens, the backdrop, and the size (width, height)."""

    name: str
    portrait: Portrait | None
    scene: Scene
    backdrop: Array
    size: tuple[int, int]


def generate(folder: Path, call: bool, seed: int, progress: Progress = no_progress) -> None:
    """Write table, images and masks of a whole variant into ``folder``."""
    all_clips, rows = clips(call), []
    for done, clip in enumerate(all_clips):
        progress("filming the portraits", done, len(all_clips))
        for number, (image, mask) in enumerate(film(clip, stream(seed, done))):
            name = f"{clip.name}-{number:02}"
            write_image(folder / "images" / f"{name}.png", image)
            write_mask(folder, name, mask)
            height, width = mask.shape
            rows.append(
                Frame(
                    id=name,
                    clip=clip.name,
                    group=clip.scene.name,
                    image=f"{name}.png",
                    height=height,
                    width=width,
                )
            )
    write_table(folder, rows)


def clips(call: bool) -> list[Clip]:
    """Return the clips of a variant, in order."""
    backdrops = [photograph("skimage", *where) for where in BACKDROPS.values()]
    made: list[Clip] = []
    for portrait in portraits(bust=call):
        for scene in SCENES:
            backdrop = backdrops[len(made) % len(backdrops)]
            size = CALL if call else SIZES[portrait.name]
            made.append(Clip(f"{portrait.name}-{scene.name}", portrait, scene, backdrop, size))
    empty = Scene("nobody", sway=0.5, noise=3.0)
    for name, backdrop in list(zip(BACKDROPS, backdrops, strict=True))[:2]:
        made.append(Clip(f"nobody-{name}", None, empty, backdrop, CALL if call else SIZES["collins"]))
    return made


def film(clip: Clip, seed: Sequence[int]) -> Iterator[tuple[Array, Array]]:
    """Yield the frames of a clip, uint8 RGB (H, W, 3), with their masks, bool (H, W)."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, 6)
    length = LENGTH if clip.portrait else LENGTH_EMPTY
    composed = clip.portrait is None or clip.scene.replaced or clip.size == CALL
    for number in range(length):
        time = number / LENGTH * 2 * np.pi
        image: Array = np.zeros((*clip.size[::-1], 3), np.float32)
        mask: Array = np.zeros(clip.size[::-1], bool)
        if composed:
            image = placed(clip.backdrop, view(clip.backdrop, clip, time, phase[3:]), clip.size)
            image = cv2.GaussianBlur(image, (0, 0), clip.size[0] / 300)  # it is out of focus
        if clip.portrait:
            camera = (before if clip.size == CALL else view)(clip.portrait.photo, clip, time, phase[:3])
            cover = clip.portrait.cover(camera, clip.size)
            mask, share = cover >= 0.5, cover[..., None] if composed else 1
            image = clip.portrait.placed(camera, clip.size) * share + image * (1 - share)
        yield expose(image, clip.scene, time, phase, rng), mask


def view(photo: Array, clip: Clip, time: float, phase: Array) -> Array:
    """Return a camera, float64 (2, 3), that looks at six sevenths of a photograph and never beyond it."""
    height, width = photo.shape[:2]
    seen = min(width / clip.size[0], height / clip.size[1]) * 6 / 7
    room = np.array([width - clip.size[0] * seen, height - clip.size[1] * seen]) / 2
    room -= np.radians(clip.scene.turn) * seen * np.array(clip.size[::-1]) / 2  # the corners turn outwards
    centre = np.array([width, height]) / 2 + room * clip.scene.sway * np.sin(
        time * np.array([1, 2]) + phase[:2]
    )
    return _camera(centre, np.array(clip.size) / 2, 1 / seen, _roll(clip.scene, time, phase))


def before(photo: Array, clip: Clip, time: float, phase: Array) -> Array:
    """Return a camera before which the person sits 2 m away: two thirds of the frame high."""
    height, width = photo.shape[:2]
    scale = clip.size[1] * 0.68 / height
    target = np.array([clip.size[0] / 2, clip.size[1] + 8.0])
    target += clip.scene.sway * np.array([24.0, 4.0]) * np.sin(time * np.array([1, 2]) + phase[:2])
    return _camera(np.array([width / 2, height]), target, scale, _roll(clip.scene, time, phase))


def _roll(scene: Scene, time: float, phase: Array) -> float:
    return float(np.radians(scene.turn) * np.sin(time + phase[2]))


def _camera(point: Array, lands: Array, scale: float, angle: float) -> Array:
    """Turn and scale about ``point``, which lands on ``lands``."""
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, lands - turn @ point])


def expose(image: Array, scene: Scene, time: float, phase: Array, rng: np.random.Generator) -> Array:
    """Return the image uint8 (H, W, 3) that the sensor makes of light float32 (H, W, 3)."""
    width = image.shape[1]
    if scene.blur:
        image = cv2.blur(image, (max(1, round(scene.blur * width / 480)), 1))
    light = scene.exposure * (1 + 0.03 * np.sin(3 * time + phase[0]))
    side = np.linspace(-1, 1, width)[None, :, None] * np.sin(time + phase[1])
    warm = np.array([1.0, 0.8, 0.5])
    lit = image * (light * (1 + scene.lamp * side * warm)).astype(np.float32)
    grain = rng.standard_normal(lit.shape, np.float32) * np.float32(scene.noise)
    lit += grain * np.sqrt(0.3 + lit / 255)
    return np.asarray(np.clip(np.rint(lit, out=lit), 0, 255, out=lit).astype(np.uint8))
