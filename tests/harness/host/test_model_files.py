"""One small network gives the same answers in every runtime, and what is no model of a runtime says so.

``tests/fixtures/networks/make.py`` made the files. A runtime that the environment here lacks is skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.spec.errors import SubmissionFailed
from tests.fixtures.networks.make import SIDE, answers, layers
from tests.harness.host.model_files import NETWORKS, ROOM, RUNTIMES, Open, begin, each, entry_at

PICTURES = {
    "onnx": ".onnx",
    "torch_export": ".pt2",
    "torchscript": ".pt",
    "jax_export": ".stablehlo",
    "openvino": "",
}
X = np.random.default_rng(1).normal(size=8).astype(np.float32)
FRAME = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
TOLERANCE = 1e-4


@pytest.mark.parametrize("kind", each(*RUNTIMES))
def test_one_network_gives_the_same_answers_in_every_runtime(
    session: Open, tmp_path: Path, kind: str
) -> None:
    entry = entry_at(NETWORKS / RUNTIMES[kind], tmp_path)
    assert entry.kind == kind
    with session(entry, **ROOM) as opened:
        begin(opened)
        for query in ({"x": X}, X, {"another": -X}):
            given = next(iter(query.values())) if isinstance(query, dict) else query
            answered = opened.answers(opened.ask(query))[0]
            np.testing.assert_allclose(answered, answers(given, layers([8, 16, 4])), atol=TOLERANCE)


@pytest.mark.parametrize("name", ["fixed", "plain"])
@pytest.mark.parametrize("kind", each(*PICTURES))
def test_a_model_of_one_size_answers_to_it_and_else_says_what_to_change(
    session: Open, tmp_path: Path, kind: str, name: str
) -> None:
    entry = entry_at(NETWORKS / f"{name}{PICTURES[kind]}", tmp_path)
    expected = answers(FRAME.reshape(-1) / np.float32(255), layers([SIDE * SIDE * 3, 2]))
    with session(entry, **ROOM) as opened:
        begin(opened)
        answered: Any = opened.answers(opened.ask({"frame": FRAME}))[0]
        np.testing.assert_allclose(answered, expected, atol=TOLERANCE)
        with pytest.raises(
            SubmissionFailed, match=r"arrays of \(.*12, 10, 3\).*begin the model with a resizing"
        ):
            opened.ask({"frame": np.zeros((12, 10, 3), np.uint8)})


@pytest.mark.parametrize("ending", [".onnx", pytest.param(".skops", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "forest"])
def test_trees_predict_what_they_predicted(session: Open, tmp_path: Path, name: str, ending: str) -> None:
    entry = entry_at(NETWORKS / f"{name}{ending}", tmp_path)
    with np.load(NETWORKS / "trees.npz") as stored, session(entry, **ROOM) as opened:
        begin(opened)
        for x, expected in zip(stored["x"], stored[name], strict=True):
            answered: Any = opened.answers(opened.ask(x))[0]
            if isinstance(answered, dict):
                answered = answered["probabilities"]
            np.testing.assert_allclose(np.ravel(answered), np.ravel(expected), atol=TOLERANCE)


@pytest.mark.slow
def test_a_language_model_goes_on_with_a_text(session: Open, tmp_path: Path) -> None:
    entry = entry_at(NETWORKS / "alphabet.gguf", tmp_path)
    with session(entry, **ROOM) as opened:
        begin(opened)
        answered: Any = opened.answers(opened.ask({"text": np.array("abc")}))[0]
        assert str(answered).startswith("defghijklmnopqrstuvwxyz")
        with pytest.raises(SubmissionFailed, match="takes one text, and the query holds float32 of"):
            opened.ask({"x": X})
