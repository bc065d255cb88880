"""Small pictures of ten classes: a public pool without labels; its labels and a test set are hidden."""

from __future__ import annotations

from functools import partial

from datasets.recipes import Recipe, dataset, fingerprint
from harness.spec import DataRequest
from harness.spec.errors import BadData

VERSION = 1
VARIANTS = {
    "digits": "scikit-learn's 1,797 handwritten digits, 8 x 8, at once",
    "cifar10": "CIFAR-10 whole: a Keras cache, its home (170 MB), or --from its folder or archive",
    "cifar10_subset": "some of it: --from FILE.npz with train_x, train_y, test_x, test_y",
}
NPZ = "FILE.npz with train_x, train_y, test_x, test_y"


def recipe(request: DataRequest) -> Recipe:
    """Choose how a request is answered. A user's own ``.npz`` counts as ``cifar10_subset``.

    Raises BadData for a broken file, NotAvailable where CIFAR-10 cannot be downloaded.
    """
    # Imported on use: listing tasks should not wait for NumPy.
    from datasets.images import cifar, layout, sources

    source, variant = request.source, request.variant
    if source and source.suffix == ".npz":
        if not source.is_file():
            raise BadData(f"there is no file {source}")
        variant, read = "cifar10_subset", partial(sources.subset, source)
        key = f"{variant}-{fingerprint(source)}"
    elif variant == "cifar10_subset":
        raise BadData(f"variant 'cifar10_subset' needs --from {NPZ}")
    elif variant == "digits" and not source:
        read, key = partial(sources.digits, request.seed), f"{variant}-{request.seed}"
    else:
        variant = key = "cifar10"
        read = partial(cifar.find, source, request.cache / "downloads" / "cifar10", request.progress)
    version = f"version {VERSION}, {layout.BUDGETS[variant]}"
    return Recipe(variant, key, version, lambda folder: layout.write(folder, read(), variant))


images = dataset(
    "images",
    "Small pictures of ten classes",
    VARIANTS,
    recipe,
    own={"cifar10_subset"},
    takes="FILE.npz with train_x, train_y, test_x, test_y, or CIFAR-10's archive or folder",
)
