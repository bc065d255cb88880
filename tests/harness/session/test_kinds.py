"""The kind of a submission is seen from outside, and what is none says what to give instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.intake.lookup import inspect
from harness.session import runtimes
from harness.spec import Limits
from harness.spec.errors import InvalidSubmission, UnknownName
from tests.harness.host.model_files import RUNTIMES


def test_every_runtime_says_what_the_harness_must_know() -> None:
    known = runtimes.runtimes()
    assert next(iter(known)) == "python"
    assert set(known) == {"python", "javascript", "kaggle_loop", "gguf", *RUNTIMES}
    for name, value in known.items():
        assert value.title
        assert value.endings or value.marker, name
        assert value.page or value.packages, name


def test_a_folder_is_of_the_kind_of_its_marker_python_first(tmp_path: Path) -> None:
    for marker, kind in (
        ("saved_model.pb", "savedmodel"),
        ("submission.js", "javascript"),
        ("submission.py", "python"),
    ):
        (tmp_path / marker).touch()
        assert runtimes.kind_of(tmp_path) == kind
    (tmp_path / "submission.py").unlink()
    assert runtimes.kind_of(tmp_path) == "javascript"
    weights = tmp_path / "weights.bin"
    weights.touch()
    assert runtimes.kind_of(weights) is None
    with pytest.raises(
        InvalidSubmission, match=r"\.onnx, \.pt, \.pt2, \.py, .*\.tflite.* submission\.py or one model file"
    ):
        inspect(weights, Limits(), tmp_path / "home" / "entries")


def test_a_folder_is_of_the_kind_of_its_only_model(tmp_path: Path) -> None:
    for name in ("network.onnx", "network.onnx.data", "requirements.txt", "notes.md"):
        (tmp_path / name).touch()
    assert runtimes.kind_of(tmp_path) == "onnx"
    assert runtimes.main_file(tmp_path, "onnx") == tmp_path / "network.onnx"
    (tmp_path / "network.keras").touch()
    assert runtimes.kind_of(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("net.pth", "weights and no program; save the program with torch.export.save"),
        ("trees.PKL", "pickles are not loaded; save the estimator with skops.io.dump"),
        ("net.h5", r"save the network as \.keras"),
        ("saved_model.pb", "the whole folder of its SavedModel"),
        ("net.safetensors", "weights alone; ship a submission.py"),
    ],
)
def test_a_file_that_people_take_for_a_model_says_what_to_give_instead(
    tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / name).touch()
    with pytest.raises(InvalidSubmission, match=f"{name} is no submission: .*{told}"):
        inspect(tmp_path / name, Limits(), tmp_path / "home" / "entries")


def test_a_kind_that_no_runtime_has_is_named() -> None:
    with pytest.raises(UnknownName, match=r"unknown kind of submission 'onxx'; did you mean 'onnx'"):
        runtimes.runtime("onxx")
