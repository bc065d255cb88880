"""Kaggle's layout: what is read, what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.reef import layout, photo
from harness.spec.errors import BadData
from tests.datasets import reef_folder

GOOD = (
    "0,40258,16,0,0-16,\"[{'x': 559, 'y': 213, 'width': 50, 'height': 32}]\"\n"
    "1,7,3,1,1-3,[]\n"
    "0,40258,15,1,0-15,\"[{'x': -4.5, 'y': 700, 'width': 60, 'height': 60}, "
    "{'x': 1, 'y': 2, 'width': 3, 'height': 4}]\"\n"
)


def table(tmp_path: Path, rows: str, header: str = reef_folder.HEADER) -> Path:
    path = tmp_path / "train.csv"
    path.write_text(f"{header}\n{rows}")
    return path


def test_rows_come_in_order_with_their_boxes(tmp_path: Path) -> None:
    frames = layout.read(table(tmp_path, GOOD), layout.Frame)
    assert [frame.image_id for frame in frames] == ["0-15", "0-16", "1-3"]
    assert frames[0].boxes.tolist() == [[-4.5, 700, 60, 60], [1, 2, 3, 4]]
    assert frames[1].image == "video_0/16.jpg"
    assert (frames[1].sequence, frames[1].sequence_frame) == (40258, 0)
    assert frames[2].boxes.shape == (0, 4)
    assert frames[2].boxes.dtype == np.float64


def test_columns_may_come_in_any_order_with_others_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(
        b"\xef\xbb\xbfnote,annotations,image_id,sequence_frame,video_frame,sequence,video_id\r\n"
        b"\r\nhello,[],2-5,0,5,9,2\r\n\r\n"
    )
    (frame,) = layout.read(path, layout.Frame)
    assert frame.sort_key == (2, 9, 5)


def row(
    video: str = "0", frame: str = "1", image: str = "0-1", annotations: str = "[]", sequence: str = "5"
) -> str:
    return f'{video},{sequence},{frame},0,{image},"{annotations}"\n'


BOX = "{'x': 1, 'y': 2, 'width': 3, 'height': 4}"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            row(video="zero"),
            "video_id: Input should be a valid integer, unable to parse string as an integer",
        ),
        (row(video="-1"), "video_id: Input should be greater than or equal to 0"),
        (row(frame="1.5"), "video_frame: Input should be a valid integer"),
        (row(sequence=""), "sequence: Input should be a valid integer"),
        (row(sequence="9" * 30), "sequence: Input should be less than"),
        (row(image="0-2"), "image_id is '0-2', should be '0-1'"),
        (row(image=""), "image_id is '', should be '0-1'"),
        (row(frame="16", image="0-16"), "image_id 0-16 is already in line 2"),
        (row(annotations=""), "annotations: no Python list"),
        (row(annotations="[{'x': 1"), "annotations: no Python list of {'x', 'y', 'width', 'height'}"),
        (row(annotations="__import__('os').abort()"), "annotations: no Python list"),
        (row(annotations="(" * 5000), "annotations: no Python list"),
        (row(annotations="-" * 150_000 + "1"), "annotations: no Python list"),
        (row(annotations="[" + "0," * 150_000 + "]"), "annotations: no list of boxes"),
        (row(annotations="7"), "annotations: Input should be a valid tuple"),
        (row(annotations="[1, 2, 3, 4]"), "annotations 0: Input should be a valid dictionary"),
        (row(annotations=f"[{BOX}, {{'x': 1, 'y': 2, 'width': 3}}]"), "annotations 1 height: Field required"),
        (
            row(annotations=f"[{BOX.replace('3', '0')}]"),
            "annotations 0 width: Input should be greater than 0",
        ),
        (row(annotations=f"[{BOX.replace('4', '-4')}]"), "annotations 0 height: Input should be greater"),
        (
            row(annotations=f"[{BOX.replace('1', '1e999')}]"),
            "annotations 0 x: Input should be a finite number",
        ),
        (
            row(annotations=f"[{BOX.replace('2', repr('2'))}]"),
            "annotations 0 y: Input should be a valid number",
        ),
        ("0,5,1\n", "sequence_frame: Input should be a valid integer"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, broken: str, said: str) -> None:
    path = table(tmp_path, GOOD + broken)
    with pytest.raises(BadData) as caught:
        layout.read(path, layout.Frame)
    assert str(caught.value).startswith(f"{path}, line 5: {said}")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as a CSV table: No columns"),
        (reef_folder.HEADER.encode(), "has no rows"),
        (reef_folder.HEADER.encode() + b"\n\n\n", "has no rows"),
        (b"video_id,sequence\n1,2\n", "lacks the columns video_frame, sequence_frame, image_id, annotations"),
        (reef_folder.HEADER.replace("image_id,", "").encode() + b"\n", "lacks the column image_id"),
        (f"{reef_folder.HEADER}\n{GOOD}1,2,3,4,5,6,7,8\n".encode(), "Expected 6 fields in line 5, saw 8"),
        (f"{reef_folder.HEADER}\n1,7,3,1,1-3,[],9\n".encode(), "cannot be read as a CSV table"),
        (f'{reef_folder.HEADER}\n1,7,3,1,1-3,"[]\n'.encode(), "EOF inside string"),
        (b"\xff\xfe\x00\x01", "cannot be read as a CSV table"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(content)
    with pytest.raises(BadData) as caught:
        layout.read(path, layout.Frame)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"has no train\.csv"):
        layout.read(tmp_path / "train.csv", layout.Frame)


def test_test_frames_say_their_split(tmp_path: Path) -> None:
    path = table(tmp_path, "0,5,1,0,0-1,[],private\n", reef_folder.HEADER + ",split")
    (frame,) = layout.read(path, layout.TestFrame)
    assert frame.split == "private"
    with pytest.raises(BadData, match="line 2: split: Input should be 'public' or 'private'"):
        layout.read(
            table(tmp_path, "0,5,1,0,0-1,[],train\n", reef_folder.HEADER + ",split"), layout.TestFrame
        )


# Images.


def test_decoding_gives_rgb_of_the_size_stored(tmp_path: Path) -> None:
    blue = np.zeros((16, 32, 3), np.uint8)
    blue[..., 0] = 255  # OpenCV writes BGR
    assert cv2.imwrite(str(tmp_path / "blue.jpg"), blue)
    image = photo.decode(tmp_path / "blue.jpg")
    assert (image.shape, str(image.dtype)) == ((16, 32, 3), "uint8")
    assert image[8, 16, 2] > 240
    assert image[8, 16, 0] < 20


def test_grey_images_become_rgb(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "grey.jpg"), np.full((16, 32), 90, np.uint8))
    assert photo.decode(tmp_path / "grey.jpg").shape == (16, 32, 3)


def middle_lost(data: bytes) -> bytes:
    """What is left starts and ends like a JPEG."""
    return data[:100] + data[-100:]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: b"", "is empty"),
        (lambda data: b"not a picture", "is not a JPEG"),
        (lambda data: b"\x89PNG" + data, "is not a JPEG"),
        (lambda data: data[: len(data) // 2], "is truncated"),
        (middle_lost, "is corrupt"),
    ],
)
def test_a_corrupt_image_is_named(tmp_path: Path, spoil: Callable[[bytes], bytes], said: str) -> None:
    path = tmp_path / "7.jpg"
    reef_folder.picture(path, 7, 60, 80)
    photo.check_jpeg(path)
    path.write_bytes(spoil(path.read_bytes()))
    for look in (photo.decode, photo.check_jpeg):
        with pytest.raises(BadData) as caught:
            look(path)
        assert str(caught.value).startswith(f"the image {path} {said}")


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    for look in (photo.decode, photo.check_jpeg):
        with pytest.raises(BadData, match=r"7\.jpg cannot be read: No such file"):
            look(tmp_path / "7.jpg")


def test_bytes_after_the_end_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "7.jpg"
    reef_folder.picture(path, 7)
    sound = photo.decode(path)
    path.write_bytes(path.read_bytes() + b"\0" * 100)
    photo.check_jpeg(path)
    assert np.array_equal(photo.decode(path), sound)
