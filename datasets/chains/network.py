"""The published network: its weights, and what it computes, in float64.

A step normalises 18 numbers, puts them before the state and passes both through dense layers, each followed
by the absolute value. The square matrices are orthogonal and the absolute value changes no length, so a
step neither forgets the state before it nor lets a rounding error grow. A chain can therefore not be cut
into pieces that are computed side by side, and float32 stays within 1e-4 of float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.npz import read_npz
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

INPUTS = 18
EVERY = 1000
"""The state after each thousandth step belongs to the answer."""
_TOLD_EVERY = 100
MEMORY = 0.998
"""What is left of a difference of two states after one step, at most."""
DRIVE, BIAS = 0.06, 0.06


@dataclass(frozen=True)
class Network:
    """Weights float32 of a network whose state and layers are w wide.

    ``mean`` and ``std`` (18,) normalise the inputs. The first layer has ``first_kernel`` (18 + w, w) and
    ``first_bias`` (w,); the n others have ``kernels`` (n, w, w) and ``biases`` (n, w).
    """

    mean: Array
    std: Array
    first_kernel: Array
    first_bias: Array
    kernels: Array
    biases: Array

    def run(self, inputs: Sequence[Array], states: Array, progress: Progress = no_progress) -> list[Array]:
        """Return the answer to each chain of ``inputs`` (n, 18) from its first state in ``states`` (c, w).

        An answer is float64 (n // 1000 + 1, w): the states after each thousandth step and, last, after the
        last one. All chains go forward together, so the longest must come first.
        """
        lengths = np.array([len(given) for given in inputs])
        rows: list[list[Array]] = [[] for _ in inputs]
        states = states.astype(np.float64)
        normalised = np.zeros((len(inputs), int(lengths.max(initial=0)), INPUTS))
        for row, given in zip(normalised, inputs, strict=True):
            row[: len(given)] = (given.astype(np.float64) - self.mean) / self.std
        layers = self._layers()
        for step in range(normalised.shape[1]):
            if not step % _TOLD_EVERY:
                progress("computing chains", step, normalised.shape[1])
            running = int(np.count_nonzero(lengths > step))
            hidden = np.concatenate([normalised[:running, step], states[:running]], axis=1)
            for kernel, bias in layers:
                hidden = np.abs(hidden @ kernel + bias)
            states[:running] = hidden
            if (step + 1) % EVERY == 0:
                for chain in range(running):
                    rows[chain].append(states[chain].copy())
        return [np.stack([*kept, last]) for kept, last in zip(rows, states, strict=True)]

    def _layers(self) -> list[tuple[Array, Array]]:
        kernels, biases = [self.first_kernel, *self.kernels], [self.first_bias, *self.biases]
        return [
            (kernel.astype(np.float64), bias.astype(np.float64))
            for kernel, bias in zip(kernels, biases, strict=True)
        ]

    def save(self, path: Path) -> None:
        """Write the weights into an ``.npz`` file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})


def make(width: int, layers: int, rng: np.random.Generator) -> Network:
    """Draw the weights of a network."""
    pull = rng.standard_normal((INPUTS, width)) * DRIVE / np.sqrt(INPUTS)
    biases = rng.standard_normal((layers, width)) * BIAS / np.sqrt(layers)
    parts = (
        rng.normal(0, 10, INPUTS),
        rng.uniform(0.5, 5, INPUTS),
        np.concatenate([pull, MEMORY * _orthogonal(width, rng)]),
        biases[0],
        np.stack([_orthogonal(width, rng) for _ in range(layers - 1)]),
        biases[1:],
    )
    return Network(*(part.astype(np.float32) for part in parts))


def _orthogonal(width: int, rng: np.random.Generator) -> Array:
    matrix, triangle = np.linalg.qr(rng.standard_normal((width, width)))
    orthogonal: Array = matrix * np.sign(np.diag(triangle))
    return orthogonal


def read(path: Path, width: int, layers: int) -> Network:
    """Read the weights of a network. Raises BadData where the file holds no weights of these sizes."""
    shapes = {
        "mean": (INPUTS,),
        "std": (INPUTS,),
        "first_kernel": (INPUTS + width, width),
        "first_bias": (width,),
        "kernels": (layers - 1, width, width),
        "biases": (layers - 1, width),
    }
    arrays = read_npz(path, tuple(shapes))
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise BadData(f"{path}: '{name}' has shape {arrays[name].shape} and must have {shape}")
        if arrays[name].dtype.kind != "f" or not np.isfinite(arrays[name]).all():
            raise BadData(f"{path}: '{name}' must hold finite floating-point numbers")
    if not (arrays["std"] > 0).all():
        raise BadData(f"{path}: 'std' must be positive")
    return Network(**{name: arrays[name].astype(np.float32) for name in shapes})
