"""Pictures of ten classes: from scikit-learn, from a user's file, from CIFAR-10's official archive."""

from __future__ import annotations

import hashlib
import os
import pickle
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.images import cifar, images, layout
from harness.spec import DataRequest, Prepared, no_progress
from harness.spec.errors import BadData, NotAvailable, UnknownName
from tests.datasets.file_server import serving

SHARED = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = SHARED / "cifar10_lossless" / "cifar10_5506.npz"


def prepared(cache: Path, variant: str = "digits", source: Path | None = None, seed: int = 0) -> Prepared:
    return images.prepare(DataRequest(variant, cache, source, seed))


def pictures(count: int = 30, **changes: Any) -> dict[str, Any]:
    chance = np.random.default_rng(count)
    return {
        "train_x": chance.integers(0, 256, (count, 32, 32, 3), np.uint8),
        "train_y": np.arange(count)[:, None] % 10,
        "test_x": chance.integers(0, 256, (20, 32, 32, 3), np.uint8),
        "test_y": np.arange(20) % 10,
        **changes,
    }


def npz(folder: Path, **changes: Any) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **{name: value for name, value in pictures(**changes).items() if value is not None})
    return path


def test_the_digits_are_all_there_and_each_once(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    held = layout.read(made.public, made.private)
    assert (len(held.pool), len(held.test)) == (1197, 600)
    assert held.pool.shape[1:] == (8, 8, 1)
    together = np.concatenate([held.pool, held.test]).reshape(1797, -1)
    from sklearn.datasets import load_digits

    theirs = np.round(load_digits().data * (255 / 16)).astype(np.uint8)
    assert sorted(map(bytes, together)) == sorted(map(bytes, theirs))


def test_another_seed_splits_the_digits_another_way(tmp_path: Path) -> None:
    one, same, other = (prepared(tmp_path / str(k), seed=seed) for k, seed in enumerate((0, 0, 1)))
    assert one.sha256 == same.sha256 != other.sha256


def test_a_users_file_becomes_a_board_of_its_own(tmp_path: Path) -> None:
    made = prepared(tmp_path / "cache", "digits", npz(tmp_path))
    held = layout.read(made.public, made.private)
    assert made.variant == "cifar10_subset"
    assert held.pool_labels.shape == (30,)
    given = pictures()
    labelled = {
        picture.tobytes(): int(label) for picture, label in zip(held.pool, held.pool_labels, strict=True)
    }
    for picture, label in zip(given["train_x"], given["train_y"][:, 0], strict=True):
        assert labelled[picture.tobytes()] == label
    assert (held.pool_labels != given["train_y"][:, 0]).any(), "shuffled: the order tells nothing"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"test_y": None}, "lacks test_y"),
        ({"train_x": np.zeros((30, 32, 32, 3))}, "must be uint8"),
        ({"train_y": np.arange(29) % 10}, "30 images need"),
        ({"train_y": np.zeros(30, int)}, "labels 0 to 9"),
        ({"train_y": np.zeros(30)}, "whole numbers"),
        ({"test_x": np.zeros((20, 28, 28, 3), np.uint8)}, "test_x has images"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_reason(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadData, match=words):
        prepared(tmp_path / "cache", "cifar10_subset", npz(tmp_path, **changes))
    assert not list((tmp_path / "cache").glob("*/public"))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="--from FILE"):
        prepared(tmp_path, "cifar10_subset")
    with pytest.raises(BadData, match="there is no file"):
        prepared(tmp_path, "cifar10_subset", tmp_path / "none.npz")
    with pytest.raises(UnknownName):
        prepared(tmp_path, "cifar100")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(BadData, match="cannot be read"):
        prepared(tmp_path, "cifar10_subset", tmp_path / "text.npz")


def batches() -> dict[str, bytes]:
    """Six batches as the official archive has them, with ten pictures each."""
    chance = np.random.default_rng(0)
    return {
        name: pickle.dumps(
            {
                b"data": chance.integers(0, 256, (10, 3072), np.uint8),
                b"labels": list(range(10)),
                b"batch_label": name.encode(),
            },
            protocol=3,
        )
        for name in cifar.MD5
    }


def digests(held: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.md5(data).hexdigest() for name, data in held.items()}


def test_the_official_batches_are_read_row_by_row_and_plane_by_plane() -> None:
    held = batches()
    read = cifar.read(held, digests(held))
    assert read.pool.shape == (50, 32, 32, 3)
    first = pickle.loads(held["data_batch_1"], encoding="bytes")[b"data"][0]
    assert (read.pool[0, 0, :, 0] == first[:32]).all()
    assert (read.pool[0, :, :, 2].ravel() == first[2048:]).all()
    assert read.test_labels.tolist() == list(range(10))


def test_other_bytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(BadData, match="other MD5"):
        cifar.read(batches())


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("false",)


def test_a_batch_can_call_nothing() -> None:
    held = {**batches(), "data_batch_1": pickle.dumps({b"data": Evil()})}
    with pytest.raises(BadData, match="system"):
        cifar.read(held, digests(held))


def archive(folder: Path) -> Path:
    inside = folder / cifar.FOLDER
    inside.mkdir()
    for name, data in batches().items():
        (inside / name).write_bytes(data)
    path = folder / cifar.ARCHIVE
    with tarfile.open(path, "w:gz") as box:
        box.add(inside, cifar.FOLDER)
    return path


def test_the_archive_is_verified_and_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path)
    with pytest.raises(BadData, match="not the official"):
        cifar.unpacked(path)
    monkeypatch.setattr(cifar, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    assert cifar.unpacked(path) == batches()
    assert cifar.folder_in(tmp_path) == batches(), "the folder around it will do, too"
    (tmp_path / cifar.FOLDER / "test_batch").unlink()
    with pytest.raises(BadData, match="lacks test_batch"):
        cifar.folder_in(tmp_path)


def test_the_archive_is_downloaded_where_none_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path)
    monkeypatch.setattr(cifar, "KERAS", tmp_path / "keras")
    monkeypatch.setattr(cifar, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    with serving(path.read_bytes()) as server:
        monkeypatch.setattr(cifar, "URL", server.url(cifar.ARCHIVE))
        with pytest.raises(BadData, match="other MD5"):  # its pictures are not the official ones
            cifar.find(None, tmp_path / "downloads", no_progress)
    assert (tmp_path / "downloads" / cifar.ARCHIVE).read_bytes() == path.read_bytes()
    with pytest.raises(NotAvailable, match="--from"):
        cifar.find(None, tmp_path / "other", no_progress)
    assert list((tmp_path / "other").iterdir()) == []


def test_a_keras_cache_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "KERAS", tmp_path)
    assert cifar.keras_cache() is None
    (tmp_path / f"{cifar.FOLDER}-target" / cifar.FOLDER).mkdir(parents=True)
    assert cifar.keras_cache() == tmp_path / f"{cifar.FOLDER}-target" / cifar.FOLDER


@pytest.mark.skipif(not REAL.is_file(), reason=f"no real CIFAR-10 images at {REAL}")
def test_real_cifar_images(tmp_path: Path) -> None:
    made = prepared(tmp_path, "cifar10_subset", REAL)
    held = layout.read(made.public, made.private)
    assert held.pool.shape == (4660, 32, 32, 3)
    assert held.test.shape == (846, 32, 32, 3)
    assert np.bincount(held.pool_labels, minlength=10).min() > 400
