"""A bare ``.stablehlo`` or ``.jax`` file: a function of ``jax.export``, compiled by JAX."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit, named
from . import NotAModel, Runtime

RUNTIME = Runtime(
    "JAX (jax.export)",
    endings=(".stablehlo", ".jax"),
    packages=("jax", "jaxlib", "flatbuffers"),
    modules=("jax", "jax.export", "flatbuffers"),
)

_MLIR = (b"ML\xefR", b"module", b"#loc", b"//")
"""How modules of MLIR begin, as bytecode and as text."""


def load(path: str, _: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``. Raises NotAModel where there is no exported function, or one for other devices."""
    import jax
    from jax import export

    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(_MLIR):
        raise NotAModel(
            "it holds a StableHLO module alone, without its function's arguments; save what "
            "jax.export.export(function)(...).serialize() returns"
        )
    exported = export.deserialize(bytearray(data))
    if jax.default_backend() == "cpu" and "cpu" not in exported.platforms:
        raise NotAModel(
            f"it was exported for {', '.join(exported.platforms)}; export it with platforms=['cpu']"
        )
    places = jax.tree_util.tree_unflatten(exported.in_tree, range(len(exported.in_avals)))
    paths = [place for place, _ in jax.tree_util.tree_leaves_with_path(places)]
    inputs = [_input(path, value) for path, value in zip(paths, exported.in_avals, strict=True)]
    call = jax.jit(exported.call)

    def model(x: Any) -> Any:
        arrays, batched = fit(x, inputs)
        args, kwargs = jax.tree_util.tree_unflatten(exported.in_tree, arrays)
        return answer(named(call(*args, **kwargs)), batched)

    return model


def _input(path: Any, value: Any) -> Input:
    """Describe an input by its path in the arguments; a dimension that has a symbol takes any size."""
    name = str(getattr(path[-1], "key", ""))
    sizes = tuple(size if isinstance(size, int) else None for size in value.shape)
    return Input(name, value.dtype, len(sizes), sizes)
