"""Chains of a small recurrent network: its weights are public, what it is fed is hidden."""

from __future__ import annotations

from functools import partial

from datasets.recipes import Recipe, dataset, fingerprint, version_of_sources
from harness.spec import DataRequest
from harness.spec.errors import BadData

VARIANTS = {
    "narrow": "4 layers of 16, up to 16,000 steps, made here; --from FILE.npz for weights of your own",
    "deep": "100 layers of 64, up to 600 steps",
    "wide": "4 layers of 256, up to 1,500 steps",
}


def recipe(request: DataRequest) -> Recipe:
    """Choose the sizes of a variant; ``request.source`` is a file of weights that replaces those made here.

    Raises BadData where that file does not hold weights of the variant's shapes.
    """
    # Imported on use: listing tasks should not wait for NumPy.
    from datasets.chains import layout

    source, key = request.source, f"{request.variant}-{request.made_from}"
    if source:
        if not source.is_file():
            raise BadData(f"there is no file {source}")
        key += f"-from-{fingerprint(source)}"
    size = layout.SIZES[request.variant]
    build = partial(layout.write, size=size, seed=request.seed, source=source, progress=request.progress)
    return Recipe(request.variant, key, version_of_sources(__file__), build)


chains = dataset(
    "chains",
    "Chains of a small network",
    VARIANTS,
    recipe,
    takes="the weights.npz of a network, as docs/tiny_latency.md describes it",
)
