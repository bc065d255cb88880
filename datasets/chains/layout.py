"""The files of a variant: the weights, public; chains of many lengths with their answers, hidden."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datasets.chains import network
from datasets.streams import stream
from harness.npz import read_prepared
from harness.spec import Progress, no_progress
from harness.spec.dataset import is_key

if TYPE_CHECKING:
    from harness.spec import Array

WEIGHTS, CHAINS = "weights.npz", "chains.npz"
SHORT = (0, 1, 3, 10, 30, 100, 300)
MIDDLE, LONG = 3, 4


@dataclass(frozen=True)
class Size:
    """The size of a variant: how wide its layers are, how many there are, and how its chains are spread.

    A set of chains has 7 short ones, 3 of up to half of ``most_steps`` and 8 longer ones, which lie towards
    both ends of the upper half: there they say most about the slope.
    """

    width: int
    layers: int
    most_steps: int
    sets: int

    @property
    def multiplications(self) -> int:
        """Multiplications of one step, in the layers alone; as many additions go with them."""
        return (network.INPUTS + self.layers * self.width) * self.width


SIZES = {
    "narrow": Size(16, 4, most_steps=16000, sets=10),
    "deep": Size(64, 100, most_steps=600, sets=2),
    "wide": Size(256, 4, most_steps=1500, sets=4),
}


@dataclass(frozen=True)
class Chain:
    """One chain: ``inputs`` float32 (n, 18), the first ``state`` float32 (w,), and the right ``answer``.

    The answer is float64 (n // 1000 + 1, w).
    """

    inputs: Array
    state: Array
    answer: Array


def write(folder: Path, size: Size, seed: int, source: Path | None, progress: Progress = no_progress) -> None:
    """Fill ``public`` and ``private`` of a variant, with the weights of ``source`` where it is given."""
    weights, chains = np.random.default_rng(stream(seed, size.width)).spawn(2)
    if is_key(seed):  # the weights are public, and lead back to what both were spawned from
        chains = np.random.default_rng(stream(seed, size.width, 1))
    if source:
        published = network.read(source, size.width, size.layers)
    else:
        published = network.make(size.width, size.layers, weights)
    published.save(folder / "public" / WEIGHTS)
    steps = lengths(size, chains)
    shape = (sum(steps), network.INPUTS)
    inputs = chains.normal(published.mean, published.std, shape).astype(np.float32)
    states = np.abs(chains.standard_normal((len(steps), size.width))).astype(np.float32)
    answers = published.run(np.split(inputs, np.cumsum(steps)[:-1]), states, progress)
    held = {"steps": np.array(steps), "inputs": inputs, "states": states, "answers": np.concatenate(answers)}
    np.savez(folder / "private" / CHAINS, **held)  # type: ignore[arg-type]


def lengths(size: Size, rng: np.random.Generator) -> list[int]:
    """Draw the steps of each chain, and sort them, the longest first.

    The longest one and short ones, which show the cost of a call, are in every variant.
    """
    most, half = size.most_steps, size.most_steps // 2
    drawn = [most]
    for _ in range(size.sets):
        drawn += [steps for steps in SHORT if steps < most]
        drawn += rng.integers(1, half, MIDDLE).tolist()
        drawn += rng.integers(half, half + most // 10, LONG).tolist()
        drawn += rng.integers(most - most // 10, most, LONG).tolist()
    return sorted(drawn, reverse=True)


def read(private: Path) -> list[Chain]:
    """Read the chains, the longest first."""
    held = read_prepared(private / CHAINS)
    steps, states = held["steps"], held["states"]
    inputs = np.split(held["inputs"], np.cumsum(steps)[:-1])
    answers = np.split(held["answers"], np.cumsum(steps // network.EVERY + 1)[:-1])
    return [Chain(*parts) for parts in zip(inputs, states, answers, strict=True)]
