"""Small pictures of ten classes: an unlabelled pool in the open, its labels and a test set hidden."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.spec import DataRequest, Dataset, Prepared
from harness.spec.errors import BadData, UnknownName

if TYPE_CHECKING:
    from datasets.images.layout import Pictures

VERSION = 1
VARIANTS = {
    "digits": "scikit-learn's 1,797 handwritten digits, 8 x 8, at once",
    "cifar10": "CIFAR-10 whole: a Keras cache, its home (170 MB), or --from its folder or archive",
    "cifar10_subset": "some of it: --from FILE.npz with train_x, train_y, test_x, test_y",
}


def prepare(request: DataRequest) -> Prepared:
    """Make a variant ready in the cache. A user's own ``.npz`` counts as ``cifar10_subset``.

    Raises UnknownName, BadData for a broken file, NotAvailable where nothing can be fetched.
    """
    from datasets.images import cifar, sources

    source = request.source
    if request.variant not in VARIANTS:
        raise UnknownName("variant of images", request.variant, VARIANTS)
    if source and source.suffix == ".npz":
        key = f"cifar10_subset-{_fingerprint(source)}"
        return _materialise(request, "cifar10_subset", key, lambda: sources.subset(source))
    if request.variant == "cifar10_subset":
        raise BadData("cifar10_subset needs --from FILE.npz with train_x, train_y, test_x, test_y")
    if request.variant == "digits" and not source:
        return _materialise(request, "digits", f"digits-{request.seed}", lambda: sources.digits(request.seed))
    downloads = request.cache / "downloads" / "cifar10"
    return _materialise(
        request, "cifar10", "cifar10", lambda: cifar.find(source, downloads, request.progress)
    )


images = Dataset("images", "Small pictures of ten classes", VARIANTS, prepare)


# The rest imports on use: listing tasks should not wait for NumPy.


def _materialise(request: DataRequest, variant: str, key: str, read: Callable[[], Pictures]) -> Prepared:
    from datasets.cache import materialise
    from datasets.images import layout

    return materialise(
        request.cache,
        f"images-{key}",
        lambda folder: layout.write(folder, read(), variant),
        name="images",
        variant=variant,
        recipe=f"version {VERSION}, {layout.BUDGETS[variant]}",
        progress=request.progress,
    )


def _fingerprint(source: Path) -> str:
    if not source.is_file():
        raise BadData(
            f"there is no file {source}; --from takes an .npz with train_x, train_y, test_x, test_y"
        )
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
