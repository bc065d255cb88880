"""CIFAR-10 in its official formats, every byte verified before it is read.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009);
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from datasets.downloads import download
from datasets.images.layout import Pictures
from harness.files import sha256_of
from harness.spec import Progress
from harness.spec.errors import BadData

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
"""Of the files in the archive; the archive itself has the MD5 that its page gives, and SHA256."""
KERAS = Path("~/.keras/datasets")
BY_HAND = "get it some other way and point --from at it"


def find(source: Path | None, downloads: Path, progress: Progress) -> Pictures:
    """Read CIFAR-10 from ``source`` (a folder or the archive), a Keras cache, or its home, in that order.

    Raises BadData for other bytes than the official ones, NotAvailable if it cannot be downloaded.
    """
    path = source or keras_cache() or download(URL, downloads, SHA256, BY_HAND, progress)
    return read(unpacked(path) if path.is_file() else folder_in(path))


def keras_cache() -> Path | None:
    """Return the archive or folder that ``keras.datasets.cifar10`` left on this machine, or None."""
    cache = KERAS.expanduser()
    names = (ARCHIVE, "cifar-10-batches-py.tar.gz", f"{FOLDER}-target/{FOLDER}", FOLDER)
    return next((cache / name for name in names if (cache / name).exists()), None)


def unpacked(archive: Path) -> Mapping[str, bytes]:
    """Return the six batches of the official archive. Raises BadData if it is another file."""
    if sha256_of(archive) != SHA256:
        raise BadData(f"{archive} is not the official {ARCHIVE} (other SHA-256); remove it, run again")
    with tarfile.open(archive) as box:
        return {name: _member(box, f"{FOLDER}/{name}") for name in MD5}


def _member(box: tarfile.TarFile, name: str) -> bytes:
    file = box.extractfile(name)
    if file is None:
        raise BadData(f"the archive holds no file {name}")
    return file.read()


def folder_in(folder: Path) -> Mapping[str, bytes]:
    """Return the six batches of an unpacked archive. Raises BadData if one is missing."""
    inside = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    if missing := [name for name in MD5 if not (inside / name).is_file()]:
        raise BadData(f"{folder} lacks {missing[0]}; it must be the unpacked {ARCHIVE} or the archive itself")
    return {name: (inside / name).read_bytes() for name in MD5}


def read(batches: Mapping[str, bytes], md5: Mapping[str, str] = MD5) -> Pictures:
    """Turn verified batches into pictures. Raises BadData if a batch has other bytes."""
    for name, data in batches.items():
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != md5[name]:
            raise BadData(f"{name} is not the official one (other MD5); download CIFAR-10 again from {URL}")
    parts = [_batch(batches[name]) for name in md5 if name != "test_batch"]
    test, test_labels = _batch(batches["test_batch"])
    pool, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Pictures(pool, labels, test, test_labels)


class _ArraysOnly(pickle.Unpickler):
    """Unpickle the official files, which need three names; nothing else is ever imported."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("numpy") and name == "_reconstruct":
            return np.zeros(0).__reduce__()[0]
        if (module, name) in {("numpy", "ndarray"), ("numpy", "dtype")}:
            return getattr(np, name)
        raise BadData(f"a CIFAR-10 batch names {module}.{name}, which the official ones do not")


def _batch(data: bytes) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return one batch: uint8 images (n, 32, 32, 3) and int64 labels (n,)."""
    batch = _ArraysOnly(io.BytesIO(data), encoding="bytes").load()
    images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.asarray(batch[b"labels"], np.int64)
