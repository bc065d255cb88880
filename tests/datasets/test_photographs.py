"""Photographs for super-resolution: crops by seed, a user's own folder, and input that is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.photos import folder, mini, photographs
from datasets.photos.bicubic import resize
from datasets.photos.layout import read_low, read_table, read_true
from harness.spec import DataRequest, Prepared
from harness.spec.errors import BadData


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return photographs.prepare(DataRequest("mini", tmp_path_factory.mktemp("cache")))


def test_crops_are_small_and_large_of_the_same(prepared: Prepared) -> None:
    rows = read_table(prepared.private)
    assert len(rows) == mini.CROPS * len(mini.HIDDEN)
    assert {row.photograph for row in rows if row.split == "public"} == set(mini.HIDDEN)
    for row in rows[::7]:
        true, low = read_true(prepared.private, row.id), read_low(prepared.private, row.id)
        assert (true.shape, low.shape) == ((192, 192, 3), (48, 48, 3))
        assert (resize(true, 48, 48) == low).all()


def test_contestants_see_other_photographs(prepared: Prepared) -> None:
    shown = {path.stem for path in (prepared.public / "train").iterdir()}
    assert shown == set(mini.TRAINING)
    assert not shown & set(mini.HIDDEN)


def test_a_seed_draws_the_same_crop_and_another_draws_another() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    first, again, other = (mini.crop(photo, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def saved(path: Path, picture: np.ndarray) -> Path:
    cv2.imwrite(str(path), picture)
    return path


def test_a_user_s_folder_is_taken_whole_and_grey_becomes_three_channels(tmp_path: Path) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    rng = np.random.default_rng(0)
    saved(source / "grey one.png", rng.integers(0, 256, (45, 50), dtype=np.uint8))
    saved(source / "colour.bmp", rng.integers(0, 256, (64, 40, 3), dtype=np.uint8))
    (source / "notes.txt").write_text("not a picture")
    prepared = photographs.prepare(DataRequest("mini", tmp_path / "cache", source))
    rows = read_table(prepared.private)
    assert prepared.variant == "full"
    assert [(row.id, row.split) for row in rows] == [("colour", "public"), ("grey_one", "public")]
    grey = read_true(prepared.private, "grey_one")
    assert grey.shape == (44, 48, 3)
    assert (grey == grey[..., :1]).all()


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (np.zeros((1, 1, 3), np.uint8), "is 1 x 1 pixels"),
        (np.zeros((40, 31, 3), np.uint8), "31 x 40 pixels; 32 x 32 at least"),
        (np.zeros((40, 40, 4), np.uint8), "has an alpha channel"),
        (np.zeros((40, 40, 3), np.uint16), "holds uint16 values; save it with 8 bits"),
    ],
    ids=["one-pixel", "small", "alpha", "sixteen-bit"],
)
def test_a_picture_that_cannot_be_used_is_refused(tmp_path: Path, picture: np.ndarray, said: str) -> None:
    with pytest.raises(BadData, match=said):
        folder.read(saved(tmp_path / "picture.png", picture))


def test_all_unusable_pictures_are_named_at_once(tmp_path: Path) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    for name in ("a", "b", "c"):
        saved(source / f"{name}.png", np.zeros((40, 40, 3 if name == "b" else 4), np.uint8))
    with pytest.raises(BadData, match=r"(?s)a\.png has an alpha.*c\.png has an alpha"):
        photographs.prepare(DataRequest("full", tmp_path / "cache", source))


def test_broken_empty_and_missing_input_is_refused(tmp_path: Path) -> None:
    for name, data in (("broken.png", b"\x89PNG\r\n\x1a\n..."), ("empty.jpg", b"")):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(BadData, match=f"{name} is corrupt"):
            folder.read(path)
    with pytest.raises(BadData, match="there is no folder"):
        folder.pictures(tmp_path / "none")
    (tmp_path / "void").mkdir()
    with pytest.raises(BadData, match="holds no picture"):
        folder.pictures(tmp_path / "void")
    with pytest.raises(BadData, match="--from FOLDER"):
        photographs.prepare(DataRequest("full", tmp_path / "cache"))
