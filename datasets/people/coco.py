"""People in photographs, from a folder in COCO's layout.

    annotations/instances_val2017.json      categories, images, annotations (polygons or RLE)
    val2017/*.jpg

The mask of a photograph is the union of its persons. Photographs in which people cover less than a tenth,
or in which a crowd is outlined only roughly (``iscrowd``), are left out. For a video call the frame is the
largest 16:9 window about the people's middle, 256 x 144.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import cv2
import numpy as np
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from datasets.people.frames import Frame, read_photograph, write_image, write_mask, write_table
from datasets.people.outlines import Polygons, Rle, painted
from datasets.photographs import MOST_REPORTED, Faults, stored_shape
from harness.files import read_given
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

ANNOTATIONS = Path("annotations") / "instances_val2017.json"
VERSION = 1
"""Version of the rules above; a change of them makes another dataset."""
LEAST = 0.10
CALL = (256, 144)
GROUPS = {0.25: "tenth to quarter", 0.50: "quarter to half", 1.0: "over half"}
"""What the groups are called, by the largest share of the frame that people cover."""


def _plain(name: str) -> str:
    if PurePath(name).name != name or name in {"", ".", ".."} or not name.isprintable() or len(name) > 200:
        raise ValueError("not the plain name of a file")
    return name


class Image(BaseModel):
    """One photograph in the list of images."""

    model_config = ConfigDict(frozen=True)
    id: int = Field(ge=0, lt=2**63)
    file_name: Annotated[str, AfterValidator(_plain)]
    height: int = Field(gt=0, le=20_000)
    width: int = Field(gt=0, le=20_000)


def _wrapped(outline: object) -> object:
    return {"parts": outline} if isinstance(outline, list) else outline


class Annotation(BaseModel):
    """One object's outline."""

    model_config = ConfigDict(frozen=True)
    image_id: int
    category_id: int
    iscrowd: int = 0
    segmentation: Annotated[Polygons | Rle, BeforeValidator(_wrapped)]


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

    ``source`` stays as it is. Raises BadData if it is not in COCO's layout or shows no people, and for
    damaged photographs: one error names all of them.
    """
    path = source / ANNOTATIONS
    instances = read(path)
    persons = _persons(path, instances)
    images = sorted((image for image in instances.images if image.id in persons), key=lambda image: image.id)
    rows, faults = [], Faults()
    for done, image in enumerate(images):
        progress("cutting out the people", done, len(images))
        if any(person.iscrowd for person in persons[image.id]):
            continue
        with faults.noted():
            row = _write(source / "val2017" / image.file_name, path, image, persons[image.id], target, call)
            rows += [row] if row else []
    faults.raise_if_any()
    if not rows:
        raise BadData(f"{source} has no photograph in which people cover {LEAST:.0%} of the frame")
    write_table(target, rows)


def read(path: Path) -> Instances:
    """Read and validate the annotations. Raises BadData."""
    try:
        instances = Instances.model_validate_json(read_given(path))
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise BadData(f"{path} is no JSON: {first['msg']}") from None
        where = ".".join(map(str, first["loc"]))
        raise BadData(f"{path} is not in COCO's format: {where}: {first['msg']}") from None
    if mistake := _mistake(instances):
        raise BadData(f"{path}: {mistake}")
    return instances


def _mistake(instances: Instances) -> str | None:
    """Say what in the lists does not belong together, or None."""
    for what, values in (
        ("category id", [category.id for category in instances.categories]),
        ("image id", [image.id for image in instances.images]),
        ("file_name", [image.file_name for image in instances.images]),
    ):
        value, count = next(iter(Counter(values).most_common(1)), (None, 0))
        if count > 1:
            return f"the {what} {value} is given {count} times; each must be given once"
    images = {image.id for image in instances.images}
    categories = {category.id for category in instances.categories}
    for number, annotation in enumerate(instances.annotations):
        if annotation.image_id not in images:
            return (
                f"annotations.{number} belongs to image {annotation.image_id}, which is not among the images"
            )
        if annotation.category_id not in categories:
            return f"annotations.{number} is of category {annotation.category_id}, which has no name"
    return None


def _persons(path: Path, instances: Instances) -> dict[int, list[Annotation]]:
    """Return the persons' annotations by image. Raises BadData where no category is a person's."""
    wanted = {category.id for category in instances.categories if category.name == "person"}
    if not wanted:
        names = ", ".join(sorted(category.name for category in instances.categories)[:MOST_REPORTED])
        raise BadData(f"{path} has no category named 'person'; it has {names or 'none'}")
    persons: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in instances.annotations:
        if annotation.category_id in wanted:
            persons[annotation.image_id].append(annotation)
    return persons


def _write(
    path: Path, annotations: Path, image: Image, persons: Sequence[Annotation], target: Path, call: bool
) -> Frame | None:
    """Write one photograph and its mask, unless people cover too little of it: then return None."""
    height, width = stored_shape(path)
    if (height, width) != (image.height, image.width):
        raise BadData(
            f"{path} is {width} x {height} pixels, its annotations say {image.width} x {image.height}"
        )
    try:
        mask = union(persons, height, width)
    except BadData as error:
        raise BadData(f"{annotations}: an outline of image {image.id}: {error}") from None
    if mask.mean() < LEAST:
        return None
    photo = read_photograph(path)
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
        mask |= painted(person.segmentation, height, width)
    return mask


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
