"""Every shipped entry answers odd chains rightly or refuses them, and its weights must have their shapes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.chains import network
from harness.intake.lookup import find_submission, shipped_names
from harness.session.worker import worker
from harness.spec import Places
from tasks.tiny_latency.task import task

IN_WORKER = Path(__file__).with_name("tiny_latency_in_the_worker.py")
FAST = ("c_plain", "c_tuned", "litert", "numpy_loop", "onnxruntime_bound")
SLOW = ("numba_loop", "tf_function", "tf_xla_loop")
WIDTH = 16


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``public/weights.npz`` and the cases with their right answers."""
    folder = tmp_path_factory.mktemp("chains")
    (folder / "public").mkdir()
    rng = np.random.default_rng(3)
    made = network.make(WIDTH, 4, rng)
    made.save(folder / "public" / "weights.npz")
    state = np.abs(rng.standard_normal(WIDTH)).astype(np.float32)
    denormal, unknown = np.full(WIDTH, 1e-41, np.float32), state.copy()
    unknown[3] = np.nan
    held = {}
    for name, steps, first in (
        ("no step", 0, state),
        ("one step", 1, state),
        ("a thousand steps", 1000, state),
        ("a few more", 1007, state),
        ("a huge chain", 30_011, state),
        ("denormal numbers", 50, denormal),
        ("a state with NaN", 50, unknown),
    ):
        inputs = rng.normal(made.mean, made.std, (steps, network.INPUTS)).astype(np.float32)
        if first is denormal:
            inputs[1::2] = 1e-42
        answer = made.run([inputs], first[None])[0]
        held |= {f"{name}|inputs": inputs, f"{name}|state": first, f"{name}|answer": answer}
    np.savez(folder / "cases.npz", **held)
    return folder


def ask(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    entry = find_submission(task, name, Places.under(folder / "home")).path
    command = [worker("tensorflow").python, "-I", IN_WORKER, entry, folder, folder / "cases.npz"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_odd_chains_get_right_answers(name: str, published: Path) -> None:
    run = ask(name, published)
    assert run.stdout.strip().splitlines()[-1:] == ["ok"], run.stdout + run.stderr[-1500:]


def test_every_shipped_entry_is_tested() -> None:
    assert set(shipped_names(task)) == {*FAST, *SLOW}


def test_weights_of_another_shape_are_named(published: Path, tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    made = network.read(published / "public" / "weights.npz", WIDTH, 4)
    replace(made, kernels=made.kernels[:, :, :-1]).save(tmp_path / "public" / "weights.npz")
    (tmp_path / "cases.npz").write_bytes((published / "cases.npz").read_bytes())
    run = ask("c_plain", tmp_path)
    assert "ValueError: weights: kernels has shape (3, 16, 15), not (3, 16, 16)" in run.stderr
