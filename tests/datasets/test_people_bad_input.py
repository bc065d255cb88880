"""What real folders in COCO's layout get wrong: each is refused with the file and the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as pycoco

from datasets.people import people
from datasets.people.outlines import Rle, painted
from harness.spec import DataRequest
from harness.spec.errors import BadData
from tests.datasets import people_folder
from tests.datasets.people_folder import image, person

COMPRESSED = pycoco.encode(np.asfortranarray(np.ones((48, 64), np.uint8)))["counts"].decode()


def refusal(source: Path, cache: Path) -> str:
    with pytest.raises(BadData) as error:
        people.prepare(DataRequest("full", cache, source=source))
    return str(error.value)


def outline(segmentation: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["annotations"][0].update(segmentation=segmentation)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (outline({"size": [48, 64], "counts": [100]}), "covers 100 of the image's 3,072 pixels"),
        (outline({"size": [48, 64], "counts": []}), "covers 0 of"),
        (outline({"size": [48, 64], "counts": ""}), "covers 0 of"),
        (outline({"size": [48, 64], "counts": [-5, 3077]}), "annotations.0.segmentation"),
        (outline({"size": [48, 64], "counts": "%&"}), "holds '%' at a place where it cannot be"),
        (outline({"size": [48, 64], "counts": "oooooooooo"}), "at a place where it cannot be"),
        (outline({"size": [48, 64], "counts": COMPRESSED + "o"}), "breaks off"),
        (outline({"size": [48, 64], "counts": "O"}), "a run of -1"),
        (outline([]), "annotations.0.segmentation"),
        (outline([[]]), "annotations.0.segmentation"),
        (outline([[0, 0, 40, 0, 40, 40, 3]]), "7 numbers; they come in pairs"),
        (outline([[0, 0, 1e9, 0, 40, 40]]), r"a corner at \(1e\+09, 0\) lies far outside"),
        (outline([[0, 0, float("nan"), 0, 40, 40]]), "finite number"),
        (lambda d: d["images"].append(d["images"][0]), "the image id 1 is given 2 times"),
        (lambda d: d["images"].append({**d["images"][0], "id": 2}), "the file_name 0+1.jpg is given 2 times"),
        (lambda d: d["categories"].append({"id": 1, "name": "cat"}), "the category id 1 is given 2 times"),
        (lambda d: d["annotations"].append(person(9)), "image 9, which is not among the images"),
        (lambda d: d["annotations"].append(person(1, category=7)), "of category 7, which has no name"),
        (
            lambda d: d["categories"].pop(0) and d["annotations"].clear(),
            "no category named 'person'; it has dog",
        ),
    ],
)
def test_wrong_annotations_are_refused_by_name(tmp_path: Path, change: Any, said: str) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    path = source / "annotations" / "instances_val2017.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    message = refusal(source, tmp_path / "cache")
    assert str(path) in message
    assert re.search(said, message), message


def test_deeply_nested_json_is_refused(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    path = source / "annotations" / "instances_val2017.json"
    path.write_text("[" * 100_000)
    assert f"{path} is no JSON" in refusal(source, tmp_path / "cache")


def test_a_frame_of_one_pixel_is_the_folder_s_fault(tmp_path: Path) -> None:
    corners = [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]]
    source = people_folder.make(tmp_path / "coco", [person(1, corners)], width=1, height=1)
    message = refusal(source, tmp_path / "cache")
    assert "000000000001.jpg is 1 x 1 pixels; a frame needs at least 16 on each side" in message


def noisy(path: Path, width: int = 64, height: int = 48) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    cv2.imwrite(str(path), noise)
    return path.read_bytes()


def test_a_photograph_damaged_in_its_middle_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    path = source / "val2017" / "000000000001.jpg"
    whole = noisy(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes(100) + whole[middle + 100 :])
    message = refusal(source, tmp_path / "cache")
    assert f"the image {path} is damaged (Corrupt JPEG data" in message
    assert "Corrupt" not in capfd.readouterr().err  # said with the name, not beside it


def test_all_corrupt_photographs_are_named_in_one_run_up_to_twenty(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(number) for number in range(1, 26)])
    for path in (source / "val2017").iterdir():
        path.write_bytes(b"no image")
    lines = refusal(source, tmp_path / "cache").splitlines()
    assert len(lines) == 22
    assert all(f"{number:012}.jpg is corrupt" in line for number, line in enumerate(lines[:20], start=1))
    assert lines[20:] == [
        "... and 5 more files",
        "--from takes COCO's layout: annotations/instances_val2017.json and val2017/*.jpg",
    ]


def test_a_file_name_that_is_a_pipe_or_a_folder_is_refused(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    path = source / "val2017" / "000000000001.jpg"
    path.unlink()
    path.mkdir()
    assert f"{path} cannot be read" in refusal(source, tmp_path / "cache")


def test_a_promise_of_too_many_pixels_is_not_followed(tmp_path: Path) -> None:
    source = people_folder.make(tmp_path / "coco", [person(1)])
    people_folder.write(source, [image(1, 20_000, 20_000)], [person(1)])
    assert "its annotations say 20000 x 20000" in refusal(source, tmp_path / "cache")


@given(st.lists(st.booleans(), min_size=12, max_size=12), st.booleans())
def test_runs_are_painted_as_pycocotools_does(pixels: list[bool], compressed: bool) -> None:
    mask = np.array(pixels, np.uint8).reshape(3, 4)
    coded = pycoco.encode(np.asfortranarray(mask))
    counts: Any = coded["counts"].decode()
    if not compressed:
        flat = mask.ravel(order="F")
        ends = np.flatnonzero(np.diff(flat)) + 1
        counts = ([0] if flat[0] else []) + np.diff([0, *ends, flat.size]).tolist()
    assert (painted(Rle(size=(3, 4), counts=counts), 3, 4) == mask).all()
