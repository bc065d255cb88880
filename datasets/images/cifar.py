"""CIFAR-10 in its official formats, every byte verified before it is read.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009);
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from datasets.images.layout import Pictures
from harness.spec import Progress
from harness.spec.errors import BadData, NotAvailable

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE = "cifar-10-python.tar.gz"
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
FOLDER = "cifar-10-batches-py"
MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
"""Of the files inside; the page of the dataset vouches for the archive, which has SHA256."""
KERAS = Path("~/.keras/datasets")
_PIECE = 1 << 20


def find(source: Path | None, downloads: Path, progress: Progress) -> Pictures:
    """Read CIFAR-10 from ``source`` (a folder or the archive), a Keras cache, or its home, in that order.

    Raises BadData for other bytes than the official ones, NotAvailable where its home gives nothing.
    """
    place = source or keras_cache() or fetch(downloads, progress)
    return read(unpacked(place) if place.is_file() else folder_in(place))


def keras_cache() -> Path | None:
    """What ``keras.datasets.cifar10`` left on this machine, the archive or the folder, or None."""
    cache = KERAS.expanduser()
    names = (ARCHIVE, "cifar-10-batches-py.tar.gz", f"{FOLDER}-target/{FOLDER}", FOLDER)
    return next((cache / name for name in names if (cache / name).exists()), None)


def fetch(downloads: Path, progress: Progress, url: str = URL) -> Path:
    """Download the archive, whole or not at all, and return its path."""
    path = downloads / ARCHIVE
    if path.exists():
        return path
    downloads.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        with urllib.request.urlopen(url, timeout=60) as response, part.open("wb") as file:
            total = int(response.headers.get("Content-Length", 0)) >> 20
            while piece := response.read(_PIECE):
                file.write(piece)
                progress("fetching CIFAR-10 (MB)", file.tell() >> 20, total)
    except OSError as error:  # urllib's errors are OSErrors
        part.unlink(missing_ok=True)
        raise NotAvailable(
            f"{url} cannot be fetched ({error}); get it some other way and point --from at it"
        ) from None
    part.rename(path)
    return path


def unpacked(archive: Path) -> Mapping[str, bytes]:
    """The six batches of the official archive. Raises BadData where it is another file."""
    with archive.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise BadData(f"{archive} is not the official {ARCHIVE} (other SHA-256); remove it, run again")
    with tarfile.open(archive) as box:
        return {name: _member(box, f"{FOLDER}/{name}") for name in MD5}


def _member(box: tarfile.TarFile, name: str) -> bytes:
    file = box.extractfile(name)
    if file is None:
        raise BadData(f"the archive holds no file {name}")
    return file.read()


def folder_in(folder: Path) -> Mapping[str, bytes]:
    """The six batches of an unpacked archive. Raises BadData where one is missing."""
    inside = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    if missing := [name for name in MD5 if not (inside / name).is_file()]:
        raise BadData(f"{folder} lacks {missing[0]}; it must be the unpacked {ARCHIVE} or the archive itself")
    return {name: (inside / name).read_bytes() for name in MD5}


def read(batches: Mapping[str, bytes], md5: Mapping[str, str] = MD5) -> Pictures:
    """Turn verified batches into pictures. Raises BadData where a batch has other bytes."""
    for name, data in batches.items():
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != md5[name]:
            raise BadData(f"{name} is not the official one (other MD5); get CIFAR-10 anew from {URL}")
    parts = [_batch(batches[name]) for name in md5 if name != "test_batch"]
    test, test_labels = _batch(batches["test_batch"])
    pool, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Pictures(pool, labels, test, test_labels)


class _ArraysOnly(pickle.Unpickler):
    """The official files are pickles. Theirs need three names; nothing else is ever looked up."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("numpy") and name == "_reconstruct":
            return np.zeros(0).__reduce__()[0]
        if (module, name) in {("numpy", "ndarray"), ("numpy", "dtype")}:
            return getattr(np, name)
        raise BadData(f"a CIFAR-10 batch names {module}.{name}, which no official one does")


def _batch(data: bytes) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """One batch: uint8 images (n, 32, 32, 3) and int64 labels (n,)."""
    held = _ArraysOnly(io.BytesIO(data), encoding="bytes").load()
    images = held[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.asarray(held[b"labels"], np.int64)
