"""A model file whose environment lacks its runtime is refused, with the environment that has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.environments import stock
from harness.intake.lookup import inspect
from harness.intake.packaged import with_environment
from harness.session.runtimes import is_model_file, runtimes
from harness.session.wanted import holding
from harness.spec import Limits, OwnEnvironments, Places, Submission
from harness.spec.errors import InvalidSubmission, NotAvailable
from tests.harness.environments.wheelhouse import SMALL, requirements, served


def at(path: Path) -> Submission:
    path.touch()
    return inspect(path, Limits(), path.parent / "entries")


@pytest.mark.parametrize("kind", [kind for kind in runtimes() if is_model_file(kind) and kind != "gguf"])
def test_one_stock_environment_has_all_that_a_runtime_needs(kind: str) -> None:
    packages = set(runtimes()[kind].packages)
    assert packages <= stock.packages(holding(packages))


@pytest.mark.parametrize(
    ("name", "lacking", "environment"),
    [
        ("model.pt2", r"torch, which PyTorch \(torch.export\) needs", "torch"),
        ("model.skops", r"skops, scikit-learn, which scikit-learn \(skops\) needs", "tabular"),
    ],
)
def test_a_lock_file_without_the_runtime_is_refused_with_the_cure(
    tmp_path: Path, name: str, lacking: str, environment: str
) -> None:
    folder = tmp_path / "entry"
    folder.mkdir()
    (folder / name).touch()
    (folder / "requirements.txt").write_text(requirements(SMALL))
    entry = inspect(folder, Limits(), tmp_path / "entries")
    cure = f"add it and lock again, or remove requirements.txt: the stock environment '{environment}' has it"
    with (
        served(SMALL) as index,
        pytest.raises(InvalidSubmission, match=f"requirements.txt names no {lacking}; {cure}"),
    ):
        with_environment(entry, OwnEnvironments(sources=(index,)), Places.under(tmp_path / "home"))


def test_an_environment_in_place_of_them_all_says_which_has_the_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty" / "bin").mkdir(parents=True)
    (tmp_path / "empty" / "bin" / "python").touch()
    (tmp_path / "empty" / "pyvenv.cfg").touch()
    monkeypatch.setenv(stock.REPLACED, str(tmp_path / "empty"))
    said = (
        r"an environment without torch, which PyTorch .* needs; unset it: the stock environment 'torch' has"
    )
    with pytest.raises(NotAvailable, match=said):
        with_environment(at(tmp_path / "model.pt2"), OwnEnvironments(), Places.under(tmp_path / "home"))


def test_a_runtime_of_no_stock_environment_asks_for_a_lock_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(stock.REPLACED, raising=False)
    said = "no stock environment has xllamacpp, which llama.cpp needs; put the file into a folder with a lock"
    with pytest.raises(NotAvailable, match=said):
        with_environment(at(tmp_path / "model.gguf"), OwnEnvironments(), Places.under(tmp_path / "home"))
