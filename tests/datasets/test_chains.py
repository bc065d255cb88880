"""Chains: the same bytes for one seed, a network that remembers, and weights of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.chains import chains, layout, network
from harness.spec import DataRequest
from harness.spec.errors import BadData, UnknownName

SMALL = {"narrow": layout.Size(16, 4, most_steps=1200, sets=1)}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "SIZES", SMALL)


def weights_of(width: int = 16, layers: int = 4) -> network.Network:
    return network.make(width, layers, np.random.default_rng(5))


def test_one_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    made = [
        chains.prepare(DataRequest("narrow", tmp_path / name, seed=seed)).sha256
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert made[0] == made[1] != made[2]


def test_lengths_differ_and_the_longest_comes_first(tmp_path: Path) -> None:
    prepared = chains.prepare(DataRequest("narrow", tmp_path))
    assert sorted(path.name for path in prepared.public.iterdir()) == ["weights.npz"]
    held = layout.read(prepared.private)
    steps = [len(chain.inputs) for chain in held]
    assert steps[0] == max(steps) == 1200
    assert min(steps) == 0
    assert len(set(steps)) > len(steps) // 2
    assert [len(chain.answer) for chain in held] == [count // 1000 + 1 for count in steps]
    assert (held[steps.index(0)].answer[0] == held[steps.index(0)].state).all()


def test_float32_stays_close_and_what_is_left_out_shows() -> None:
    made, rng = weights_of(), np.random.default_rng(7)
    inputs = rng.normal(made.mean, made.std, (1500, 18)).astype(np.float32)
    state = np.abs(rng.standard_normal(16)).astype(np.float32)
    right = made.run([inputs], state[None])[0]
    hidden = state
    for row in (inputs - made.mean) / made.std:
        hidden = np.concatenate([row, hidden])
        for kernel, bias in zip(
            [made.first_kernel, *made.kernels], [made.first_bias, *made.biases], strict=True
        ):
            hidden = np.abs(hidden @ kernel + bias)
    assert hidden.dtype == np.float32
    scale = np.abs(right).max()
    assert np.abs(hidden - right[-1]).max() < 3e-5 * scale
    every_second = made.run([inputs[1::2]], state[None])[0]
    last_part = made.run([inputs[700:]], state[None])[0]
    for shortcut in (every_second, last_part):
        assert np.abs(shortcut[-1] - right[-1]).max() > 1e-3 * scale


def test_chains_that_go_forward_together_are_those_that_go_alone() -> None:
    made, rng = weights_of(), np.random.default_rng(8)
    inputs = [rng.standard_normal((steps, 18)).astype(np.float32) for steps in (40, 7, 1, 0)]
    states = np.abs(rng.standard_normal((4, 16)))
    together = made.run(inputs, states)
    for given, state, answer in zip(inputs, states, together, strict=True):
        np.testing.assert_allclose(made.run([given], state[None])[0], answer, atol=1e-12)


def test_weights_of_ones_own_are_used(tmp_path: Path) -> None:
    weights_of().save(tmp_path / "own.npz")
    prepared = chains.prepare(DataRequest("narrow", tmp_path / "cache", source=tmp_path / "own.npz"))
    with np.load(prepared.public / "weights.npz") as held:
        assert (held["kernels"] == weights_of().kernels).all()


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (weights_of(width=12), "'first_kernel' has shape (30, 12) and must have (34, 16)"),
        (weights_of(layers=5), "'kernels' has shape (4, 16, 16) and must have (3, 16, 16)"),
        (replace(weights_of(), std=np.zeros(18, np.float32)), "'std' must be positive"),
        (replace(weights_of(), mean=np.full(18, np.nan, np.float32)), "'mean' must hold finite"),
    ],
)
def test_weights_that_do_not_fit_are_named(tmp_path: Path, made: network.Network, message: str) -> None:
    made.save(tmp_path / "own.npz")
    with pytest.raises(BadData) as refused:
        chains.prepare(DataRequest("narrow", tmp_path / "cache", source=tmp_path / "own.npz"))
    assert message in str(refused.value)


def test_a_file_that_is_none_and_a_variant_that_is_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no weights")
    with pytest.raises(BadData, match=r"text\.npz cannot be read as an \.npz"):
        chains.prepare(DataRequest("narrow", tmp_path / "cache", source=tmp_path / "text.npz"))
    with pytest.raises(BadData, match="there is no file"):
        chains.prepare(DataRequest("narrow", tmp_path / "cache", source=tmp_path / "absent.npz"))
    with pytest.raises(UnknownName, match="did you mean 'narrow'"):
        chains.prepare(DataRequest("narow", tmp_path / "cache"))
