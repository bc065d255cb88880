"""People in photographs, from a folder in COCO's layout.

    annotations/instances_val2017.json      categories, images, annotations (polygons or RLE)
    val2017/*.jpg

The mask of a photograph is the union of its persons. Photographs in which people cover less than a tenth,
or in which a crowd is outlined only roughly (``iscrowd``), are left out. For a video call the frame is the
largest 16:9 window about the people's middle, 256 x 144.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import cv2
import numpy as np
from pycocotools import mask as rle
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from datasets.people.frames import Frame, read_image, write_image, write_mask, write_table
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

VERSION = 1
"""Version of the rules above; a change of them makes another dataset."""
LEAST = 0.10
CALL = (256, 144)
GROUPS = {0.25: "tenth to quarter", 0.50: "quarter to half", 1.0: "over half"}
"""What the groups are called, by the largest share of the frame that people cover."""


def _plain(name: str) -> str:
    if PurePath(name).name != name or name in {"", ".", ".."}:
        raise ValueError("not the plain name of a file")
    return name


class Image(BaseModel):
    """One photograph in the list of images."""

    model_config = ConfigDict(frozen=True)
    id: int
    file_name: Annotated[str, AfterValidator(_plain)]
    height: int = Field(gt=0, le=20_000)
    width: int = Field(gt=0, le=20_000)


class Rle(BaseModel):
    """A run-length encoded mask, compressed (text) or not."""

    model_config = ConfigDict(frozen=True)
    size: tuple[int, int]
    counts: str | list[int]


Polygon = Annotated[list[float], Field(min_length=6)]


class Annotation(BaseModel):
    """One object's outline."""

    model_config = ConfigDict(frozen=True)
    image_id: int
    category_id: int
    iscrowd: int = 0
    segmentation: list[Polygon] | Rle


class Category(BaseModel):
    """The name of a category number."""

    model_config = ConfigDict(frozen=True)
    id: int
    name: str


class Instances(BaseModel):
    """The whole file of annotations."""

    categories: list[Category]
    images: list[Image]
    annotations: list[Annotation]


def arrange(source: Path, target: Path, call: bool, progress: Progress = no_progress) -> None:
    """Write the table, images and masks of the photographs with people into ``target``.

    ``source`` stays as it is. Raises BadData if it is not in COCO's layout or shows no people.
    """
    instances = read(source / "annotations" / "instances_val2017.json")
    persons = _persons(instances)
    images = sorted((image for image in instances.images if image.id in persons), key=lambda image: image.id)
    rows = []
    for done, image in enumerate(images):
        progress("cutting out the people", done, len(images))
        if any(person.iscrowd for person in persons[image.id]):
            continue
        if row := _write(source / "val2017" / image.file_name, image, persons[image.id], target, call):
            rows.append(row)
    if not rows:
        raise BadData(f"{source} has no photograph in which people cover {LEAST:.0%} of the frame")
    write_table(target, rows)


def read(path: Path) -> Instances:
    """Read and validate the annotations. Raises BadData."""
    try:
        return Instances.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadData(f"{path} is not in COCO's format: {where}: {first['msg']}") from None
    except ValueError as error:
        raise BadData(f"{path} is no JSON: {error}") from None


def _persons(instances: Instances) -> dict[int, list[Annotation]]:
    """Return the persons' annotations by image."""
    wanted = {category.id for category in instances.categories if category.name == "person"}
    persons: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in instances.annotations:
        if annotation.category_id in wanted:
            persons[annotation.image_id].append(annotation)
    return persons


def _write(path: Path, image: Image, persons: Sequence[Annotation], target: Path, call: bool) -> Frame | None:
    """Write one photograph and its mask, unless people cover too little of it: then return None."""
    mask = union(persons, image.height, image.width)
    if mask.mean() < LEAST:
        return None
    photo = read_image(path)
    if photo.shape[:2] != mask.shape:
        height, width = photo.shape[:2]
        raise BadData(
            f"{path} is {width} x {height} pixels, its annotations say {image.width} x {image.height}"
        )
    name = f"{image.id:012}"
    file = f"{name}.png" if call else f"{name}{path.suffix}"
    if call:
        photo, mask = cropped(photo, mask)
        write_image(target / "images" / file, photo)
    else:
        (target / "images").mkdir(exist_ok=True)
        shutil.copyfile(path, target / "images" / file)
    write_mask(target, name, mask)
    group = next(group for most, group in GROUPS.items() if mask.mean() <= most)
    height, width = mask.shape
    return Frame(id=name, clip=name, group=group, image=file, height=height, width=width)


def union(persons: Sequence[Annotation], height: int, width: int) -> Array:
    """Return where any of the persons is, bool (height, width). Raises BadData."""
    mask = np.zeros((height, width), bool)
    for person in persons:
        mask |= _drawn(person, height, width)
    return mask


def _drawn(person: Annotation, height: int, width: int) -> Array:
    coded: Any = person.segmentation
    if isinstance(coded, Rle):
        if coded.size != (height, width):
            raise BadData(f"a mask of image {person.image_id} is {coded.size}, the image {(height, width)}")
        coded = coded.model_dump()
        if isinstance(coded["counts"], list):
            coded = rle.frPyObjects(coded, height, width)
        return np.asarray(rle.decode(coded), bool)
    return np.asarray(rle.decode(rle.merge(rle.frPyObjects(coded, height, width))), bool)


def cropped(photo: Array, mask: Array) -> tuple[Array, Array]:
    """Return the largest 16:9 window about the people's middle, 256 x 144, and its mask."""
    height, width = mask.shape
    window = min(width, height * CALL[0] / CALL[1])
    size = np.array([round(window), round(window * CALL[1] / CALL[0])])
    rows, columns = np.nonzero(mask)
    middle = np.array([columns.mean(), rows.mean()])
    left, top = np.clip(np.round(middle - size / 2), 0, [width, height] - size).astype(int)
    part = (slice(top, top + size[1]), slice(left, left + size[0]))
    small = cv2.resize(photo[part], CALL, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask[part].astype(np.float32), CALL, interpolation=cv2.INTER_AREA)
    return np.asarray(small), np.asarray(cover >= 0.5)
