"""People out of a folder in COCO's layout."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as rle

from datasets.people import people
from datasets.people.coco import arrange, cropped
from datasets.people.frames import read_image, read_mask, read_table
from harness.spec import DataRequest, Prepared
from harness.spec.errors import BadData
from tests.datasets import people_folder
from tests.datasets.people_folder import SQUARE, person

LEFT = [[0.0, 0.0, 16.0, 0.0, 16.0, 48.0, 0.0, 48.0]]
TINY = [[0.0, 0.0, 6.0, 0.0, 6.0, 6.0, 0.0, 6.0]]


def prepare(source: Path, cache: Path, variant: str = "full") -> Prepared:
    return people.prepare(DataRequest(variant, cache, source=source))


def test_a_mask_is_the_union_of_an_images_persons(tmp_path: Path) -> None:
    people_folder.make(tmp_path / "coco", [person(1), person(1, LEFT), person(1, TINY, category=18)])
    prepared = prepare(tmp_path / "coco", tmp_path / "cache")
    (row,) = read_table(prepared.private)
    mask = np.zeros((48, 64), bool)
    mask[:24, :32] = mask[:, :16] = True
    assert (read_mask(prepared.private, row.id) == mask).all()
    assert (row.group, row.clip) == ("quarter to half", "000000000001")
    original = tmp_path / "coco" / "val2017" / "000000000001.jpg"
    assert (prepared.private / "images" / row.image).read_bytes() == original.read_bytes()


def test_small_people_crowds_and_other_objects_are_left_out(tmp_path: Path) -> None:
    crowd = {"size": [48, 64], "counts": [0, 48 * 40, 48 * 24]}
    outlines = [
        person(1),
        person(2, TINY),
        person(3, category=18),
        person(4),
        person(4, crowd, crowd=1),
    ]
    prepared = prepare(people_folder.make(tmp_path / "coco", outlines), tmp_path / "cache")
    assert [row.id for row in read_table(prepared.private)] == ["000000000001"]


@pytest.mark.parametrize("compressed", [False, True])
def test_run_length_masks_are_read_in_both_forms(tmp_path: Path, compressed: bool) -> None:
    mask = np.zeros((48, 64), np.uint8)
    mask[10:40, 5:30] = 1
    if compressed:
        coded: Any = rle.encode(np.asfortranarray(mask))
        coded = {"size": coded["size"], "counts": coded["counts"].decode()}
    else:
        flat = mask.ravel(order="F")
        changes = np.flatnonzero(np.diff(flat)) + 1
        counts = np.diff([0, *changes, flat.size]).tolist()
        coded = {"size": [48, 64], "counts": counts}
    prepared = prepare(people_folder.make(tmp_path / "coco", [person(1, coded)]), tmp_path / "cache")
    assert (read_mask(prepared.private, "000000000001") == mask).all()


def test_a_call_sees_a_wide_window_about_the_people(tmp_path: Path) -> None:
    low = [[0.0, 200.0, 320.0, 200.0, 320.0, 240.0, 0.0, 240.0]]
    source = people_folder.make(tmp_path / "coco", [person(7, low)], width=320, height=240)
    prepared = prepare(source, tmp_path / "cache", "full-call")
    (row,) = read_table(prepared.private)
    mask = read_mask(prepared.private, row.id)
    assert mask.shape == read_image(prepared.private / "images" / row.image).shape[:2] == (144, 256)
    # The window is 320 x 180, at the bottom: 40 of its 180 rows show the person.
    assert mask.sum() == 256 * 144 * 40 // 180
    assert prepared.variant == "full-call"


def test_the_window_holds_the_peoples_middle_where_it_can() -> None:
    photo, mask = np.zeros((100, 400, 3), np.uint8), np.zeros((100, 400), bool)
    mask[40:60, 300:320] = True
    photo[mask] = 255
    small, found = cropped(photo, mask)
    columns = np.nonzero(found)[1]
    assert abs(columns.mean() - 127.5) < 2  # a pixel of the photograph is 1.4 wide here
    assert (small[found] > 100).all()


def test_a_changed_folder_is_prepared_anew(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    first = prepare(source, tmp_path / "cache")
    people_folder.make(source, [person(1), person(2)])
    assert prepare(source, tmp_path / "cache").sha256 != first.sha256


def broken(tmp_path: Path, change: Any) -> Path:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    path = source / "annotations" / "instances_val2017.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return source


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("images"), "images: Field required"),
        (lambda d: d["images"][0].update(file_name="../x.jpg"), "images.0.file_name: .*not the plain name"),
        (lambda d: d["images"][0].update(width=0), "images.0.width"),
        (lambda d: d["annotations"][0].update(segmentation=[[1.0, 2.0]]), "annotations.0.segmentation"),
        (
            lambda d: d["annotations"][0].update(segmentation={"size": [4, 4], "counts": [16]}),
            "an outline of image 1: a mask is .4, 4., the image .48, 64.",
        ),
        (lambda d: d["annotations"].clear(), "no photograph in which people cover 10%"),
        (lambda d: d["images"][0].update(width=65), "is 64 x 48 pixels, its annotations say 65 x 48"),
        (lambda d: d["images"][0].update(file_name="gone.jpg"), "gone.jpg cannot be read"),
    ],
)
def test_a_broken_folder_is_explained(tmp_path: Path, change: Any, said: str) -> None:
    with pytest.raises(BadData, match=said):
        prepare(broken(tmp_path, change), tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_what_is_no_coco_folder_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=re.escape("annotations/instances_val2017.json and val2017/*.jpg")):
        prepare(tmp_path, tmp_path / "cache")


def test_a_corrupt_photograph_is_named(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    (source / "val2017" / "000000000001.jpg").write_bytes(b"")
    with pytest.raises(BadData, match=r"000000000001\.jpg is corrupt"):
        prepare(source, tmp_path / "cache")


def test_the_camera_s_note_on_orientation_is_ignored(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1, SQUARE)])
    path = source / "val2017" / "000000000001.jpg"
    plain = path.read_bytes()
    exif = bytes.fromhex("ffe1002245786966000049492a00080000000100120103000100000006000000000000000000")[:36]
    path.write_bytes(plain[:2] + exif + plain[2:])
    assert cv2.imread(str(path)).shape[:2] == (64, 48)  # turned, were it heeded
    assert read_image(path).shape[:2] == (48, 64)


def test_real_photographs_become_frames(tmp_path: Path) -> None:
    source = people_folder.from_check_data(tmp_path / "coco")
    arrange(source, tmp_path, call=False)
    rows = read_table(tmp_path)
    assert len(rows) == 23
    for row in rows:
        mask = read_mask(tmp_path, row.id)
        assert mask.shape == (row.height, row.width)
        assert mask.mean() >= 0.1
