"""The variant ``mini``: crops of published photographs, each turned, mirrored, made smaller and lit anew.

The photographs are public and lie in a Python package. What is asked about them is drawn at random by the
seed, so that a stored copy of the photographs matches no true picture pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from datasets.people.frames import write_image
from datasets.people.portraits import photograph
from datasets.photos.bicubic import resize
from datasets.photos.layout import Picture, write
from datasets.streams import stream
from harness.spec import Progress, no_progress

if TYPE_CHECKING:
    from harness.spec import Array

SIDE = 192
CROPS = 6
"""Crops of each photograph; every second one is in the private split."""
TURN, ZOOM, GAMMA = 4.0, (0.68, 0.95), (0.85, 1.18)
"""The most degrees that a crop is turned, the factors of its size, and the exponents of its light."""
HIDDEN = {
    "astronaut": ("data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
    "brick": ("data/brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf"),
    "camera": ("data/camera.png", "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a"),
    "chelsea": ("data/chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
    "coffee": ("data/coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
    "coins": ("data/coins.png", "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba"),
    "motorcycle": (
        "data/motorcycle_left.png",
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    ),
    "rocket": ("data/rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
}
"""Photographs of the package scikit-image."""
TRAINING = {
    "grass": (
        "skimage",
        "data/grass.png",
        "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
    ),
    "gravel": (
        "skimage",
        "data/gravel.png",
        "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
    ),
    "china": (
        "sklearn",
        "datasets/images/china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    ),
    "flower": (
        "sklearn",
        "datasets/images/flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
    ),
    "hopper": (
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
    ),
}
"""What contestants are given to train on, of the packages scikit-image, scikit-learn and matplotlib."""


def generate(folder: Path, seed: int, progress: Progress = no_progress) -> None:
    """Write the variant into the empty ``folder/public`` and ``folder/private``. Raises NotAvailable."""
    for name, (package, file, sha256) in TRAINING.items():
        write_image(folder / "public" / "train" / f"{name}.png", photograph(package, file, sha256))
    write(folder / "private", _crops(seed, progress))


def _crops(seed: int, progress: Progress) -> Iterator[tuple[Picture, Array]]:
    for number, (name, where) in enumerate(HIDDEN.items()):
        progress("cutting photographs", number, len(HIDDEN))
        photo = photograph("skimage", *where)
        for place in range(CROPS):
            rng = np.random.default_rng(stream(seed, number, place))
            split = "private" if place % 2 else "public"
            yield (
                Picture.model_validate({"id": f"{name}-{place}", "photograph": name, "split": split}),
                crop(photo, rng),
            )


def crop(photo: Array, rng: np.random.Generator) -> Array:
    """Return a part of a photograph, uint8 RGB (SIDE, SIDE, 3), turned, mirrored, made smaller, lit anew."""
    angle, zoom = np.radians(rng.uniform(-TURN, TURN)), rng.uniform(*ZOOM)
    seen = int(np.ceil(SIDE / zoom))
    reach = seen / 2 * (np.cos(angle) + abs(np.sin(angle))) + 2
    middle = [rng.uniform(min(reach, side / 2), max(side - reach, side / 2)) for side in photo.shape[1::-1]]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.column_stack([turn, np.array([seen / 2, seen / 2]) - turn @ middle])
    part = cv2.warpAffine(
        photo, matrix, (seen, seen), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT_101
    )
    if rng.random() < 0.5:
        part = part[:, ::-1]
    gamma = rng.uniform(*GAMMA)
    light = np.asarray(np.rint(255 * (np.arange(256) / 255) ** gamma), np.uint8)
    return resize(light[part], SIDE, SIDE)
