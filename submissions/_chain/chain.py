"""What the entries share: the published weights, and how a query becomes stretches of a chain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

INPUTS = 18
EVERY = 1000
"""The state after each thousandth step belongs to the answer."""


@dataclass(frozen=True)
class Weights:
    """The published network, float32; its layers are ``width`` wide. Kernels are (in, out)."""

    mean: np.ndarray
    std: np.ndarray
    first_kernel: np.ndarray
    first_bias: np.ndarray
    kernels: np.ndarray
    biases: np.ndarray

    def __post_init__(self):
        width, others = self.width, len(self.kernels)
        wanted = {
            "mean": (INPUTS,),
            "std": (INPUTS,),
            "first_kernel": (INPUTS + width, width),
            "kernels": (others, width, width),
            "biases": (others, width),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"weights: {name} has shape {getattr(self, name).shape}, not {shape}")

    @classmethod
    def published(cls, context):
        """Read ``public/weights.npz``."""
        with np.load(Path(context.public) / "weights.npz") as held:
            return cls(**{name: np.ascontiguousarray(held[name], np.float32) for name in held.files})

    @property
    def width(self):
        """How many numbers the state has."""
        return len(self.first_bias)

    @property
    def layers(self):
        """Every layer's kernel and bias, in order."""
        return [(self.first_kernel, self.first_bias), *zip(self.kernels, self.biases, strict=True)]

    def folded(self):
        """The weights with the normalisation folded into the first layer, which takes inputs as they come."""
        scale = np.ones(INPUTS + self.width)
        scale[:INPUTS] = 1 / self.std.astype(np.float64)
        kernel = self.first_kernel * scale[:, None]
        bias = self.first_bias - self.mean @ kernel[:INPUTS]
        none, one = np.zeros(INPUTS, np.float32), np.ones(INPUTS, np.float32)
        first = kernel.astype(np.float32), bias.astype(np.float32)
        return Weights(none, one, *first, self.kernels, self.biases)


def checked(query, width):
    """The inputs (n, 18) and the first state (width,) of a query. Raises ValueError for other shapes."""
    inputs, state = query["inputs"], query["state"]
    if inputs.ndim != 2 or inputs.shape[1] != INPUTS or state.shape != (width,):
        raise ValueError(
            f"inputs {inputs.shape} and state {state.shape} must be (n, {INPUTS}) and ({width},)"
        )
    return inputs.astype(np.float32, copy=False), state.astype(np.float32, copy=False)


def model(width, advance):
    """Make the model of ``advance(inputs, state)``: the state after these steps, EVERY at most."""

    def answer(query):
        inputs, state = checked(query, width)
        rows = []
        for start in range(0, len(inputs), EVERY):
            state = advance(inputs[start : start + EVERY], state)
            if start + EVERY <= len(inputs):
                rows.append(np.array(state))
        return np.stack([*rows, state])

    return answer
